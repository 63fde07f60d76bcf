import { type Hugepages, HugepageSize } from "../host-profile/host-profile";
import { containerSecurity } from "../shared/container-security";
import { objectLabels, selectorLabels } from "../shared/labels";
import { CONDITION_TYPE } from "./node-reports";
import type { ProvisionerPlan } from "./plan";

/** The value of `app.kubernetes.io/name` on all objects. */
export const COMPONENT = "node-provisioner";

const FILES = "/etc/kvm-fabric";
const HOST_ROOT = "/host";
const STATE = "/run/kvm-fabric/state";
const WORK = "/run/kvm-fabric/work";
const TOKEN_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How long `report` takes at worst to take its label off the node when the DaemonSet goes. */
const FAREWELL_SECONDS = 35;
/** The same, and the removal of the files after it. On every other occasion the pod ends at once. */
const GRACE_PERIOD_SECONDS = 60;
/** A canary that was not heard of for so long is taken to be lost. It renews three times as often. */
export const LEASE_SECONDS = 120;

/** Memory that installing takes beside the throwaway microVM's own, in MiB. */
const INSTALLER_MEMORY_MIB = 256;

const SHARED_ENVIRONMENT = [
  { name: "FILES", value: FILES },
  { name: "STATE", value: STATE },
];

const NODE_NAME = { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };

/** User of the `report` container: any that owns nothing. */
const NOBODY = 65532;

/** Labels of every object. */
export function labels(plan: ProvisionerPlan) {
  return objectLabels(COMPONENT, plan.instance);
}

/** The rules of the cluster role. They name no node: the admission policy does that. */
export function clusterRoleRules() {
  return [
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
    { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
  ];
}

/**
 * The rules of the namespaced role: to see whether its own DaemonSet is still wanted, and to take part in
 * the rollout of the wanted asset set.
 */
export function roleRules(plan: ProvisionerPlan) {
  const daemonSet = { apiGroups: ["apps"], resources: ["daemonsets"] };
  const lease = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  return [
    { ...daemonSet, resourceNames: [plan.objectName], verbs: ["get"] },
    ...(plan.leaseName === ""
      ? []
      : [{ ...lease, resourceNames: [plan.leaseName], verbs: ["get", "patch"] }]),
  ];
}

/** The rules of the role in the namespace where events about nodes belong. */
export function eventRules() {
  return [{ apiGroups: [""], resources: ["events"], verbs: ["create"] }];
}

/** The spec of the DaemonSet: one pod on each node that its pool says can run KVM. */
export function daemonSetSpec(plan: ProvisionerPlan) {
  const { instance, maxUnavailable } = plan;
  return {
    selector: { matchLabels: selectorLabels(COMPONENT, instance) },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable, maxSurge: 0 } },
    template: {
      metadata: {
        labels: labels(plan),
        annotations: { "kubectl.kubernetes.io/default-container": "provision" },
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
    containers: [provisionContainer(plan), reportContainer(plan)],
    volumes: [
      { name: "files", configMap: { name: plan.filesName, defaultMode: 0o444 } },
      { name: "host", hostPath: { path: plan.assetsRoot, type: "DirectoryOrCreate" } },
      { name: "state", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
      { name: "work", emptyDir: { medium: "Memory", sizeLimit: "4Mi" } },
      { name: "token", projected: tokenProjection() },
      ...plan.mirrors.flatMap(({ volume }) =>
        volume ? [{ name: volume.name, ...volume.source }] : [],
      ),
    ],
  };
}

/**
 * Proves and installs, for as long as the pod lives. Root, since the folder on the host is root's, but
 * without any capability: it can write what root owns and nothing else. /dev/kvm comes through the device
 * plugin's resource.
 */
function provisionContainer(plan: ProvisionerPlan) {
  const memory = `${String(INSTALLER_MEMORY_MIB + plan.gateMemoryMib)}Mi`;
  return {
    name: "provision",
    image: plan.image,
    command: ["/bin/sh", `${FILES}/provision.sh`, "run"],
    env: [
      ...SHARED_ENVIRONMENT,
      { name: "HOST_ROOT", value: HOST_ROOT },
      { name: "FAREWELL_SECONDS", value: String(FAREWELL_SECONDS) },
      { name: "KEEP_VERSIONS", value: String(plan.keepVersions) },
      { name: "MICROVM_DEADLINE_SECONDS", value: String(plan.microVmDeadlineSeconds) },
      NODE_NAME,
      ...(plan.hugepages ? hugepageVariables(plan.hugepages) : []),
    ],
    resources: {
      requests: { cpu: "100m", memory: "64Mi" },
      limits: { memory, [plan.contract.kvmResource]: "1" },
    },
    securityContext: { ...containerSecurity(), runAsUser: 0, runAsGroup: 0 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "files", mountPath: FILES, readOnly: true },
      { name: "host", mountPath: HOST_ROOT },
      { name: "state", mountPath: STATE },
      ...plan.mirrors.flatMap(({ line, volume }) =>
        volume ? [{ name: volume.name, mountPath: line, readOnly: true }] : [],
      ),
    ],
  };
}

function hugepageVariables({ count, size }: Hugepages) {
  return [
    { name: "HUGEPAGES", value: String(count) },
    { name: "HUGEPAGE_KIB", value: size === HugepageSize.Gib1 ? "1048576" : "2048" },
  ];
}

/**
 * Reports to the API server, and takes the report back where it no longer holds or the DaemonSet goes. Not
 * root, and sees nothing of the host. Ready once the node is open. No liveness probe: every call has a time
 * limit, and a restart would repair nothing.
 */
function reportContainer(plan: ProvisionerPlan) {
  const { assetsLabel, domain, startupTaint } = plan.contract;
  return {
    name: "report",
    image: plan.image,
    command: ["/bin/sh", `${FILES}/report.sh`],
    env: [
      ...SHARED_ENVIRONMENT,
      { name: "KVM_FABRIC_DOMAIN", value: domain },
      { name: "KVM_FABRIC_ASSET_SET", value: plan.assetSet },
      { name: "KVM_FABRIC_ASSETS_LABEL", value: assetsLabel },
      { name: "KVM_FABRIC_CONDITION", value: CONDITION_TYPE },
      { name: "KVM_FABRIC_DAEMON_SET", value: plan.objectName },
      { name: "KVM_FABRIC_LEASE", value: plan.leaseName },
      { name: "KVM_FABRIC_LEASE_SECONDS", value: String(LEASE_SECONDS) },
      { name: "KVM_FABRIC_LOOK_SECONDS", value: "300" },
      { name: "KVM_FABRIC_MOST_DELAY_SECONDS", value: "30" },
      { name: "KVM_FABRIC_PAUSED", value: String(plan.paused) },
      { name: "KVM_FABRIC_STARTUP_TAINT", value: startupTaint },
      { name: "KVM_FABRIC_TICK_SECONDS", value: "2" },
      { name: "TOKEN_DIR", value: TOKEN_DIR },
      { name: "WORK", value: WORK },
      { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      NODE_NAME,
    ],
    readinessProbe: {
      exec: { command: ["test", "-f", `${STATE}/reported`] },
      periodSeconds: 10,
    },
    resources: {
      requests: { cpu: "10m", memory: "16Mi" },
      limits: { memory: "32Mi" },
    },
    securityContext: {
      ...containerSecurity(),
      runAsNonRoot: true,
      runAsUser: NOBODY,
      runAsGroup: NOBODY,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "files", mountPath: FILES, readOnly: true },
      { name: "state", mountPath: STATE },
      { name: "work", mountPath: WORK },
      { name: "token", mountPath: TOKEN_DIR, readOnly: true },
    ],
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
