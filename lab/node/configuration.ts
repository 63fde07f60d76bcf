import { stringify } from "yaml";
import type { Taint } from "../../components/shared/kvm-nodes";
import { PAUSE_IMAGE } from "./image/names";
import type { NodeNetwork } from "./network";
import { CLUSTER_DOMAIN, DNS_ADDRESS } from "./service-gate/services";

/** Where things lie on a real node, seen from it. */
export const nodePaths = {
  cni: "/var/lib/lab/cni",
  cniPrograms: "/opt/cni/bin",
  config: "/var/lib/lab",
  containerd: "/run/containerd/containerd.sock",
  devicePlugins: "/var/lib/kubelet/device-plugins",
  programs: "/usr/local/bin",
} as const;

/** Ports of a kubelet on its node's address. */
export const kubeletPorts = { api: 10_250, health: 10_248 } as const;

/** What a node joins with. */
export interface NodeIdentity {
  name: string;
  labels: Readonly<Record<string, string>>;
  taints: readonly Taint[];
}

const EVICTION = {
  "memory.available": "50Mi",
  "nodefs.available": "1%",
  "nodefs.inodesFree": "1%",
  "imagefs.available": "1%",
} as const;

/** Who answers for names; at the cluster's DNS address nobody does but a service gate, where there is one. */
const NAMES = {
  resolvConf: "/etc/resolv.conf",
  clusterDNS: [DNS_ADDRESS],
  clusterDomain: CLUSTER_DOMAIN,
};

/** What pods may set in their own network namespace: guests behind TAP devices need it. */
const FORWARDING = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"];

/** The kubelet's configuration. Source: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export function kubeletConfig(node: NodeIdentity, cgroup: string): string {
  const in_ = (file: string) => `${nodePaths.config}/${file}`;
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "0.0.0.0",
    port: kubeletPorts.api,
    healthzBindAddress: "0.0.0.0",
    healthzPort: kubeletPorts.health,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: in_("ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: in_("serving.crt"),
    tlsPrivateKeyFile: in_("serving.key"),
    containerRuntimeEndpoint: `unix://${nodePaths.containerd}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroup,
    // The machine may still have version 1, and swap; both are fine for a lab.
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // The machine's settings stay as they are; the node sees those that the kubelet wants.
    protectKernelDefaults: true,
    makeIPTablesUtilChains: false,
    allowedUnsafeSysctls: FORWARDING,
    providerID: `lab://${node.name}`,
    registerWithTaints: node.taints,
    ...NAMES,
    // The disk is the machine's, and images cannot be pulled again.
    evictionHard: EVICTION,
    imageGCHighThresholdPercent: 100,
    nodeStatusUpdateFrequency: "5s",
    nodeStatusReportFrequency: "1m",
    nodeLeaseDurationSeconds: 40,
    shutdownGracePeriod: "0s",
  });
}

/** The kubelet's arguments beside its configuration. */
export function kubeletArguments(node: NodeIdentity, network: NodeNetwork): string[] {
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return [
    `--config=${nodePaths.config}/kubelet.yaml`,
    `--kubeconfig=${nodePaths.config}/kubeconfig`,
    `--hostname-override=${node.name}`,
    `--node-ip=${network.node}`,
    ...(labels.length > 0 ? [`--node-labels=${labels.join(",")}`] : []),
  ];
}

/** A kubeconfig of files that lie on the node. */
export function nodeKubeconfig(server: string): string {
  const file = (name: string) => `${nodePaths.config}/${name}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "lab",
    clusters: [{ name: "lab", cluster: { server, "certificate-authority": file("ca.crt") } }],
    contexts: [{ name: "lab", context: { cluster: "lab", user: "node" } }],
    users: [
      {
        name: "node",
        user: { "client-certificate": file("client.crt"), "client-key": file("client.key") },
      },
    ],
  });
}

/** containerd's configuration. Source: https://github.com/containerd/containerd/blob/v2.3.4/docs/cri/config.md */
export function containerdConfig(): string {
  const cri = (plugin: string, part = "") => `[plugins."io.containerd.cri.v1.${plugin}"${part}]`;
  return [
    "version = 3",
    'root = "/var/lib/containerd"',
    'state = "/run/containerd"',
    'disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]',
    "[grpc]",
    `  address = "${nodePaths.containerd}"`,
    cri("images"),
    '  snapshotter = "overlayfs"',
    cri("images", ".pinned_images"),
    `  sandbox = "${PAUSE_IMAGE}"`,
    cri("runtime"),
    // Lowering it takes a right that root does not have everywhere.
    "  restrict_oom_score_adj = true",
    cri("runtime", ".containerd.runtimes.runc"),
    '  runtime_type = "io.containerd.runc.v2"',
    cri("runtime", ".containerd.runtimes.runc.options"),
    '  BinaryName = "/usr/sbin/runc"',
    "  SystemdCgroup = false",
    cri("runtime", ".cni"),
    `  bin_dirs = ["${nodePaths.cniPrograms}"]`,
    `  conf_dir = "${nodePaths.cni}"`,
    "",
  ].join("\n");
}
