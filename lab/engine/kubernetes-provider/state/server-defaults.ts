import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../../grpc/wire";

// Fields that the API server fills in, by kind and then by the end of their path (list indices left out).
// Source: the defaulting functions of Kubernetes (pkg/apis/<group>/<version>/defaults.go).
const pod: [string, unknown][] = [
  ["terminationMessagePath", "/dev/termination-log"],
  ["terminationMessagePolicy", "File"],
  ["spec.dnsPolicy", "ClusterFirst"],
  ["spec.restartPolicy", "Always"],
  ["spec.schedulerName", "default-scheduler"],
  ["spec.securityContext", {}],
  ["spec.terminationGracePeriodSeconds", 30],
  ["spec.enableServiceLinks", true],
  ["resources", {}],
  ["ports.protocol", "TCP"],
  ["Probe.failureThreshold", 3],
  ["Probe.periodSeconds", 10],
  ["Probe.successThreshold", 1],
  ["Probe.timeoutSeconds", 1],
  ["httpGet.scheme", "HTTP"],
  ["grpc.service", ""],
  ["fieldRef.apiVersion", "v1"],
  ["configMap.defaultMode", 420],
  ["secret.defaultMode", 420],
  ["projected.defaultMode", 420],
  ["downwardAPI.defaultMode", 420],
  ["serviceAccountToken.expirationSeconds", 3600],
  ["hostPath.type", ""],
];

const claim: [string, unknown][] = [
  ["spec.volumeMode", "Filesystem"],
  ["volumeClaimTemplates.status", { phase: "Pending" }],
  ["volumeClaimTemplates.apiVersion", "v1"],
  ["volumeClaimTemplates.kind", "PersistentVolumeClaim"],
];

const rolling = { type: "RollingUpdate" };
const cronJob: [string, unknown][] = [
  ["spec.suspend", false],
  ["spec.concurrencyPolicy", "Allow"],
  ["spec.successfulJobsHistoryLimit", 3],
  ["spec.failedJobsHistoryLimit", 1],
];
const job: [string, unknown][] = [
  ["spec.backoffLimit", 6],
  ["spec.completionMode", "NonIndexed"],
  ["spec.completions", 1],
  ["spec.parallelism", 1],
  ["spec.suspend", false],
  ["spec.manualSelector", false],
  ["spec.podReplacementPolicy", "TerminatingOrFailed"],
];
const binding: [string, unknown][] = [["subjects.apiGroup", "rbac.authorization.k8s.io"]];
const webhook: [string, unknown][] = [
  ["matchPolicy", "Equivalent"],
  ["failurePolicy", "Fail"],
  ["namespaceSelector", {}],
  ["objectSelector", {}],
  ["scope", "*"],
];

const defaults: Record<string, readonly [string, unknown][]> = {
  Pod: [...pod, ["spec.preemptionPolicy", "PreemptLowerPriority"], ["spec.priority", 0]],
  Deployment: [
    ...pod,
    ["spec.progressDeadlineSeconds", 600],
    ["spec.replicas", 1],
    ["spec.revisionHistoryLimit", 10],
    ["spec.strategy", { ...rolling, rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } }],
  ],
  DaemonSet: [
    ...pod,
    ["spec.revisionHistoryLimit", 10],
    ["spec.updateStrategy", { ...rolling, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }],
    ["rollingUpdate.maxSurge", 0],
  ],
  StatefulSet: [
    ...pod,
    ...claim,
    ["spec.podManagementPolicy", "OrderedReady"],
    ["spec.replicas", 1],
    ["spec.revisionHistoryLimit", 10],
    ["spec.updateStrategy", { ...rolling, rollingUpdate: { partition: 0 } }],
    ["spec.persistentVolumeClaimRetentionPolicy", { whenDeleted: "Retain", whenScaled: "Retain" }],
  ],
  Job: [...pod, ...job],
  CronJob: [...pod, ...job, ...cronJob],
  PersistentVolumeClaim: claim,
  PersistentVolume: [...claim, ["spec.persistentVolumeReclaimPolicy", "Retain"]],
  Service: [
    ["ports.protocol", "TCP"],
    ["spec.internalTrafficPolicy", "Cluster"],
    ["spec.ipFamilyPolicy", "SingleStack"],
    ["spec.sessionAffinity", "None"],
    ["spec.type", "ClusterIP"],
    ["spec.externalTrafficPolicy", "Cluster"],
    ["spec.allocateLoadBalancerNodePorts", true],
  ],
  NetworkPolicy: [["ports.protocol", "TCP"]],
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  Secret: [["type", "Opaque"]],
  PriorityClass: [["preemptionPolicy", "PreemptLowerPriority"]],
  StorageClass: [
    ["reclaimPolicy", "Delete"],
    ["volumeBindingMode", "Immediate"],
  ],
  ValidatingAdmissionPolicy: webhook,
  ValidatingAdmissionPolicyBinding: webhook,
  ValidatingWebhookConfiguration: [...webhook, ["timeoutSeconds", 10]],
  MutatingWebhookConfiguration: [
    ...webhook,
    ["timeoutSeconds", 10],
    ["reinvocationPolicy", "Never"],
  ],
  CustomResourceDefinition: [["spec.conversion", { strategy: "None" }]],
  Namespace: [["spec", { finalizers: ["kubernetes"] }]],
};

// Values that the server chooses anew for each object.
const assigned: Record<string, readonly string[]> = {
  Service: ["spec.clusterIPs", "spec.ipFamilies", "ports.nodePort"],
  Job: [
    ...["spec.selector", "controller-uid", "batch.kubernetes.io/controller-uid", "job-name"],
    "batch.kubernetes.io/job-name",
  ],
  PersistentVolume: ["spec.claimRef"],
  PersistentVolumeClaim: ["spec.volumeName"],
  ServiceAccount: ["secrets"],
  Deployment: ["template.metadata.creationTimestamp"],
};

/** Says whether the server put this value at this place of an object of a kind. */
export function isDefault(
  kind: string,
  path: string[],
  value: unknown,
  siblings: Properties,
): boolean {
  const place = path.join(".");
  const ends = (end: string) => place === end || place.endsWith(`.${end}`) || isProbe(place, end);
  // metadata of templates always carries an empty creation time
  if (path.at(-1) === "creationTimestamp") return true;
  if (assigned[kind]?.some(ends)) return true;
  if (isPairedDefault(path, value, siblings)) return true;
  return (defaults[kind] ?? []).some(
    ([end, expected]) => ends(end) && isDeepStrictEqual(value, expected),
  );
}

// `Probe.x` stands for x of livenessProbe, readinessProbe and startupProbe.
function isProbe(place: string, end: string): boolean {
  return end.startsWith("Probe.") && place.endsWith(end);
}

// Defaults that follow from a field beside them.
function isPairedDefault(path: string[], value: unknown, siblings: Properties): boolean {
  const key = path.at(-1);
  if (key === "imagePullPolicy") {
    const image = String(siblings.image);
    const isLatest = !image.includes("@") && (image.endsWith(":latest") || !/:[^/]*$/.test(image));
    return value === (isLatest ? "Always" : "IfNotPresent");
  }
  // The old name of serviceAccountName is filled in beside it.
  if (key === "serviceAccount") return value === siblings.serviceAccountName;
  if (key === "targetPort") return value === siblings.port;
  if (key === "clusterIP") return value !== "None";
  return false;
}
