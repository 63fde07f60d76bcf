import { parse } from "yaml";
import { kvmNodeLabels, kvmNodeTaints } from "../../../../components/shared/kvm-nodes";
import { nodeContract } from "../../../../components/shared/node-contract";
import {
  containerdConfig,
  kubeletArguments,
  kubeletConfig,
  nodeKubeconfig,
} from "../../../../lab/node/configuration";
import { planNetwork } from "../../../../lab/node/network";

const contract = nodeContract();
const node = {
  name: "a",
  labels: kvmNodeLabels(contract, "real"),
  taints: kvmNodeTaints(contract),
};

test("the kubelet lets in nobody without a certificate or token, and asks the API server who may what", () => {
  expect(parse(kubeletConfig(node, "/kvm-fabric/x"))).toMatchObject({
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: "/var/lib/lab/ca.crt" },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: "/var/lib/lab/serving.crt",
    tlsPrivateKeyFile: "/var/lib/lab/serving.key",
  });
});

test("the kubelet joins with its taints, keeps its pods in the node's own control group and changes no setting", () => {
  expect(parse(kubeletConfig(node, "/kvm-fabric/x"))).toMatchObject({
    cgroupDriver: "cgroupfs",
    cgroupRoot: "/kvm-fabric/x",
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    imageGCHighThresholdPercent: 100,
    protectKernelDefaults: true,
    providerID: "lab://a",
    registerWithTaints: [
      { key: "kvm-fabric.dev/worker", value: "true", effect: "NoSchedule" },
      { key: "kvm-fabric.dev/not-ready", value: "true", effect: "NoSchedule" },
    ],
  });
});

test("pods may let their own network namespace forward packets, and set nothing else of the kernel", () => {
  expect(parse(kubeletConfig(node, "/kvm-fabric/x")).allowedUnsafeSysctls).toEqual([
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.forwarding",
  ]);
});

test("the kubelet's arguments name the node, its address and its labels", () => {
  const network = planNetwork("/state", "a", []);
  expect(kubeletArguments(node, network)).toEqual([
    "--config=/var/lib/lab/kubelet.yaml",
    "--kubeconfig=/var/lib/lab/kubeconfig",
    "--hostname-override=a",
    `--node-ip=${network.node}`,
    "--node-labels=kvm-fabric.dev/kvm-enabled=true,kvm-fabric.dev/pool=real",
  ]);
  expect(kubeletArguments({ ...node, labels: {} }, network)).toHaveLength(4);
});

test("the node's kubeconfig has its certificate and nothing else", () => {
  const { clusters, users } = parse(nodeKubeconfig("https://10.0.0.1:443"));
  expect(clusters[0].cluster).toEqual({
    server: "https://10.0.0.1:443",
    "certificate-authority": "/var/lib/lab/ca.crt",
  });
  expect(users[0].user).toEqual({
    "client-certificate": "/var/lib/lab/client.crt",
    "client-key": "/var/lib/lab/client.key",
  });
});

test("containerd runs pods with runc, without systemd, on a sandbox image that is there", () => {
  expect(containerdConfig()).toBe(`version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "localhost/kvm-fabric/pause:lab"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = "/usr/sbin/runc"
  SystemdCgroup = false
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/opt/cni/bin"]
  conf_dir = "/var/lib/lab/cni"
`);
});
