import type { Properties } from "../../grpc/wire";
import type { Settings } from "../config/settings";
import { parsePath, type Step } from "./property-path";

// Source: the official provider's table of properties that force a replacement (provider/diff.go). API
// versions that are not listed have none besides name and namespace, as there.
const volumeSources = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc"],
  ...["flexVolume", "flocker", "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local"],
  ...["nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos"],
  "vsphereVolume",
];

const podFields = [
  ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks"],
  ...["hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets"],
  ...["nodeName", "nodeSelector", "overhead", "preemptionPolicy", "priority"],
  ...["priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName"],
  ...["schedulerName", "securityContext", "serviceAccount", "serviceAccountName"],
  ...["shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "volumes"],
];

const containerFields = [
  ...["args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe"],
  ...["ports", "readinessProbe", "resources", "securityContext", "stdin", "stdinOnce"],
  ...["terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices"],
  ...["volumeMounts", "workingDir"],
];

const podPaths = [
  ...podFields.map((field) => `spec.${field}`),
  ...["containers", "initContainers"].flatMap((list) =>
    containerFields.map((field) => `spec.${list}[*].${field}`),
  ),
];

const statefulSetPaths = [
  ...["podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName"],
  "volumeClaimTemplates",
].map((field) => `spec.${field}`);

const jobPaths = ["completions", "parallelism", "selector", "template"].map((f) => `spec.${f}`);

const claimPaths = ["accessModes", "selector", "storageClassName", "volumeName"].map(
  (field) => `spec.${field}`,
);

function table(apiVersions: readonly string[], kinds: readonly string[], paths: readonly string[]) {
  return apiVersions.flatMap((version) =>
    kinds.map((kind): [string, readonly string[]] => [`${version}/${kind}`, paths]),
  );
}

const forceNew = new Map<string, readonly string[]>([
  ...table(["apps/v1beta2", "apps/v1"], ["Deployment", "DaemonSet"], ["spec.selector"]),
  ...table(["apps/v1beta1", "apps/v1beta2", "apps/v1"], ["StatefulSet"], statefulSetPaths),
  ...table(["batch/v1", "batch/v1beta1", "batch/v2alpha1"], ["Job"], jobPaths),
  ...table(
    ["v1", "v1beta1", "v1alpha1"].map((version) => `rbac.authorization.k8s.io/${version}`),
    ["RoleBinding", "ClusterRoleBinding"],
    ["roleRef"],
  ),
  ...table(["storage.k8s.io/v1"], ["StorageClass"], ["parameters", "provisioner"]),
  ...table(["policy/v1beta1"], ["PodDisruptionBudget"], ["spec"]),
  ...table(["v1"], ["Service"], ["spec.clusterIP"]),
  ...table(["v1"], ["ResourceQuota"], ["spec.scopes"]),
  ...table(["v1"], ["PersistentVolumeClaim"], claimPaths),
  ...table(
    ["v1"],
    ["PersistentVolume"],
    volumeSources.map((source) => `spec.${source}`),
  ),
  ...table(["v1"], ["Pod"], podPaths),
]);

const everyKind = ["metadata.name", "metadata.namespace"];

/** The places of which a change needs a new object, for the new inputs of an object. */
export function forceNewPaths(object: Properties, patch: boolean, settings: Settings): Step[][] {
  const own = patch ? [] : kindPaths(object, settings);
  return [...everyKind, ...own].map(parsePath);
}

function kindPaths(object: Properties, settings: Settings): readonly string[] {
  const kind = `${String(object.apiVersion)}/${String(object.kind)}`;
  const frozen = object.immutable === true;
  if (kind === "v1/Secret") {
    return frozen || !settings.enableSecretMutable ? ["type", "stringData", "data"] : ["type"];
  }
  if (kind === "v1/ConfigMap") {
    return frozen || !settings.enableConfigMapMutable ? ["data", "binaryData"] : [];
  }
  return forceNew.get(kind) ?? [];
}
