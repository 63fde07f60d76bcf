import { Cni, Encryption } from "./args";
import { API_PORT, S3_SECRET } from "./k3s-config";
import type { K3sClusterPlan } from "./plan";
import type { HostFile } from "./shell";

/** Folder of the objects that k3s applies on its own. */
const MANIFESTS = "/var/lib/rancher/k3s/server/manifests";

/** File of the Secret with the snapshots' bucket. */
export const S3_SECRET_FILE = `${MANIFESTS}/kvm-fabric-etcd-snapshots.yaml`;

const SYSTEM = "kube-system";

/** What k3s installs in the cluster by itself: the CNI's chart, kube-vip, network policies of the system's namespaces. */
export function addOnFiles(plan: K3sClusterPlan, api: string): HostFile[] {
  const chart = cniChart(plan);
  return [
    ...(chart === undefined ? [] : [manifest("cni", [chart])]),
    ...(plan.kubeVip === undefined ? [] : [manifest("kube-vip", kubeVip(plan.kubeVip, api))]),
    manifest("network-policies", networkPolicies()),
  ];
}

function manifest(name: string, objects: readonly object[]): HostFile {
  const content = objects
    .map((object) => `${JSON.stringify(object, undefined, 2)}\n`)
    .join("---\n");
  return { path: `${MANIFESTS}/kvm-fabric-${name}.yaml`, mode: "600", content };
}

/**
 * The chart of the CNI, installed by k3s's Helm controller before any other pod can run.
 * Sources: https://docs.k3s.io/helm and https://docs.k3s.io/networking/basic-network-options
 */
function cniChart({ network, servers }: K3sClusterPlan): object | undefined {
  switch (network.cni) {
    case Cni.Flannel:
    case Cni.None:
      return undefined;
    case Cni.Cilium: {
      const encryption = { enabled: true, type: "wireguard" };
      return helmChart("cilium", SYSTEM, "https://helm.cilium.io", network.cniChartVersion, {
        ipam: { mode: "kubernetes" },
        operator: { replicas: Math.min(2, servers) },
        ...(network.encryption === Encryption.WireGuard && { encryption }),
      });
    }
    case Cni.Calico: {
      const ipPools = [{ cidr: network.podCidr, encapsulation: "VXLAN" }];
      return helmChart(
        "tigera-operator",
        "tigera-operator",
        "https://docs.tigera.io/calico/charts",
        network.cniChartVersion,
        { installation: { calicoNetwork: { ipPools } } },
      );
    }
  }
}

function helmChart(
  chart: string,
  targetNamespace: string,
  repo: string,
  version: string,
  values: object,
): object {
  const spec = {
    ...{ bootstrap: true, chart, repo, version, targetNamespace, createNamespace: true },
    valuesContent: JSON.stringify(values),
  };
  const metadata = { name: chart, namespace: SYSTEM };
  return { apiVersion: "helm.cattle.io/v1", kind: "HelmChart", metadata, spec };
}

/** kube-vip on the servers: one of them at a time answers ARP requests for the address. */
function kubeVip({ image, interfaceName }: { image: string; interfaceName?: string }, api: string) {
  const metadata = { name: "kube-vip", namespace: SYSTEM };
  const account = [{ kind: "ServiceAccount", ...metadata }];
  const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };
  const settings = {
    ...{ address: api, port: String(API_PORT), vip_arp: "true", vip_subnet: "32" },
    ...(interfaceName !== undefined && { vip_interface: interfaceName }),
    ...{ cp_enable: "true", cp_namespace: SYSTEM, svc_enable: "false" },
    ...{ vip_leaderelection: "true", vip_leaseduration: "5", vip_renewdeadline: "3" },
    vip_retryperiod: "1",
  };
  const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  const nodes = { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] };
  const verbs = ["create", "get", "list", "update", "watch"];
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "kube-vip" };
  const clusterRole = { ...role, kind: "ClusterRole" };
  const named = { name: "kube-vip" };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { ...rbac, kind: "Role", metadata, rules: [{ ...leases, verbs }] },
    { ...rbac, kind: "RoleBinding", metadata, roleRef: role, subjects: account },
    { ...rbac, kind: "ClusterRole", metadata: named, rules: [nodes] },
    {
      ...rbac,
      kind: "ClusterRoleBinding",
      metadata: named,
      roleRef: clusterRole,
      subjects: account,
    },
    kubeVipDaemonSet(metadata, image, settings),
  ];
}

function kubeVipDaemonSet(metadata: object, image: string, settings: Record<string, string>) {
  const labels = { "app.kubernetes.io/name": "kube-vip" };
  const key = "node-role.kubernetes.io/control-plane";
  const container = {
    ...{ name: "kube-vip", image, args: ["manager"] },
    env: Object.entries(settings).map(([name, value]) => ({ name, value })),
    resources: { requests: { cpu: "25m", memory: "32Mi" }, limits: { memory: "128Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] },
    },
  };
  const pod = {
    ...{
      hostNetwork: true,
      serviceAccountName: "kube-vip",
      priorityClassName: "system-node-critical",
    },
    nodeSelector: { [key]: "true" },
    tolerations: [
      { operator: "Exists", effect: "NoSchedule" },
      { operator: "Exists", effect: "NoExecute" },
    ],
    containers: [container],
  };
  const template = { metadata: { labels }, spec: pod };
  const spec = { selector: { matchLabels: labels }, template };
  return { apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec };
}

/** Nothing reaches the pods of the system's namespaces but what must: DNS, metrics, each other. */
function networkPolicies(): object[] {
  const everything = [{}];
  const dns = [
    {
      ports: [
        { port: 53, protocol: "UDP" },
        { port: 53, protocol: "TCP" },
      ],
    },
  ];
  return [
    ...["default", "kube-public", "kube-node-lease"].map((namespace) =>
      networkPolicy(namespace, "default-deny", {}, []),
    ),
    networkPolicy(SYSTEM, "same-namespace", {}, [{ from: [{ podSelector: {} }] }]),
    networkPolicy(SYSTEM, "dns", { matchLabels: { "k8s-app": "kube-dns" } }, dns),
    networkPolicy(SYSTEM, "metrics", { matchLabels: { "k8s-app": "metrics-server" } }, everything),
  ];
}

function networkPolicy(namespace: string, name: string, podSelector: object, ingress: object[]) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `kvm-fabric-${name}`, namespace },
    spec: { podSelector, policyTypes: ["Ingress"], ingress },
  };
}

/** The Secret that tells k3s the snapshots' bucket, in one line: it goes through a script's standard input. */
export function s3Secret(fields: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    type: "etcd.k3s.cattle.io/s3-config-secret",
    metadata: { name: S3_SECRET, namespace: SYSTEM },
    stringData: Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [`etcd-s3-${key}`, value]),
    ),
  });
}
