import { objectLabels, selectorLabels } from "../shared/labels";
import type { ProvisionerPlan } from "./plan";

/** The value of `app.kubernetes.io/name` on all objects. */
export const COMPONENT = "node-provisioner";

const FILES = "/etc/kvm-fabric";
const HOST_ROOT = "/host";
const PROOF = "/run/kvm-fabric/proof";
const WORK = "/run/kvm-fabric/work";
const TOKEN_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * How long `report` has to take its label off the node when the DaemonSet goes; its script needs less
 * than that at worst. On every other occasion it ends at once.
 */
const GRACE_PERIOD_SECONDS = 30;

/** User of the `report` container: any that owns nothing. */
const NOBODY = 65532;

/** Labels of every object. */
export function labels(plan: ProvisionerPlan) {
  return objectLabels(COMPONENT, plan.instance);
}

/** The rules of the cluster role. They name no node: the admission policy does that. */
export function clusterRoleRules() {
  return [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] }];
}

/** The rules of the namespaced role: to see whether its own DaemonSet is still wanted, and no other. */
export function roleRules(plan: ProvisionerPlan) {
  return [
    {
      apiGroups: ["apps"],
      resources: ["daemonsets"],
      resourceNames: [plan.objectName],
      verbs: ["get"],
    },
  ];
}

/** The spec of the DaemonSet: one pod on each node that its pool says can run KVM. */
export function daemonSetSpec(plan: ProvisionerPlan) {
  const { contract, instance, maxUnavailable } = plan;
  return {
    selector: { matchLabels: selectorLabels(COMPONENT, instance) },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable, maxSurge: 0 } },
    template: {
      metadata: {
        labels: labels(plan),
        annotations: {
          "kubectl.kubernetes.io/default-container": "report",
          [`${contract.domain}/files`]: plan.filesHash,
        },
      },
      spec: podSpec(plan),
    },
  };
}

function podSpec(plan: ProvisionerPlan) {
  return {
    serviceAccountName: plan.objectName,
    // The token is a volume that `report` alone mounts; the automatic one would reach every container.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: { [plan.contract.capabilityLabel]: "true" },
    tolerations: plan.tolerations,
    priorityClassName: plan.priorityClassName,
    terminationGracePeriodSeconds: GRACE_PERIOD_SECONDS,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    initContainers: [installContainer(plan)],
    containers: [reportContainer(plan)],
    volumes: [
      { name: "files", configMap: { name: plan.objectName, defaultMode: 0o444 } },
      { name: "host", hostPath: { path: plan.assetsRoot, type: "DirectoryOrCreate" } },
      { name: "proof", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      { name: "work", emptyDir: { medium: "Memory", sizeLimit: "4Mi" } },
      { name: "token", projected: tokenProjection() },
    ],
  };
}

/**
 * Proves and installs. Root, since the folder on the host is root's, but without any capability: it can
 * write what root owns and nothing else. /dev/kvm comes through the device plugin's resource.
 */
function installContainer(plan: ProvisionerPlan) {
  return {
    name: "install",
    image: plan.image,
    command: ["/bin/sh", `${FILES}/install.sh`],
    env: [
      ...sharedEnvironment(plan),
      { name: "KVM_DEVICE", value: "/dev/kvm" },
      { name: "BOOT_ID", value: "/proc/sys/kernel/random/boot_id" },
    ],
    resources: {
      requests: { cpu: "100m", memory: "64Mi" },
      limits: { memory: "256Mi", [plan.contract.kvmResource]: "1" },
    },
    securityContext: { ...confined(), runAsUser: 0, runAsGroup: 0 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "files", mountPath: FILES, readOnly: true },
      { name: "host", mountPath: HOST_ROOT },
      { name: "proof", mountPath: PROOF },
    ],
  };
}

/**
 * Reports to the API server, and takes the report back when the DaemonSet goes. Not root, and reads the host's folder only. Ready once the node is open.
 * No liveness probe: every call has a time limit, and a restart would repair nothing.
 */
function reportContainer(plan: ProvisionerPlan) {
  return {
    name: "report",
    image: plan.image,
    command: ["/bin/sh", `${FILES}/report.sh`],
    env: [
      ...sharedEnvironment(plan),
      { name: "KVM_FABRIC_ASSETS_LABEL", value: plan.contract.assetsLabel },
      { name: "KVM_FABRIC_STARTUP_TAINT", value: plan.contract.startupTaint },
      { name: "KVM_FABRIC_DAEMON_SET", value: plan.objectName },
      { name: "BOOT_ID", value: "/proc/sys/kernel/random/boot_id" },
      { name: "TOKEN_DIR", value: TOKEN_DIR },
      { name: "WORK", value: WORK },
      { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    ],
    readinessProbe: {
      exec: { command: ["test", "-f", `${WORK}/reported`] },
      periodSeconds: 10,
    },
    resources: {
      requests: { cpu: "10m", memory: "16Mi" },
      limits: { memory: "128Mi" },
    },
    securityContext: { ...confined(), runAsNonRoot: true, runAsUser: NOBODY, runAsGroup: NOBODY },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "files", mountPath: FILES, readOnly: true },
      { name: "host", mountPath: HOST_ROOT, readOnly: true },
      { name: "proof", mountPath: PROOF, readOnly: true },
      { name: "work", mountPath: WORK },
      { name: "token", mountPath: TOKEN_DIR, readOnly: true },
    ],
  };
}

function sharedEnvironment(plan: ProvisionerPlan) {
  return [
    { name: "KVM_FABRIC_DOMAIN", value: plan.contract.domain },
    { name: "KVM_FABRIC_ASSET_SET", value: plan.assetSet },
    { name: "FILES", value: FILES },
    { name: "HOST_ROOT", value: HOST_ROOT },
    { name: "PROOF", value: PROOF },
  ];
}

function confined() {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
  };
}

/** A token bound to the pod, and so to its node, that the kubelet renews, beside the server's CA. */
function tokenProjection() {
  return {
    // The containers run as different users, so the kubelet gives the token no owner.
    defaultMode: 0o444,
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
      {
        configMap: {
          name: "kube-root-ca.crt",
          items: [{ key: "ca.crt", path: "ca.crt" }],
        },
      },
    ],
  };
}
