import { Distribution } from "./args";
import { variables } from "./shell";

/**
 * Takes Kubernetes off a host with everything that it made, except etcd's snapshots. Containers are ended through their
 * control group, which no process can leave.
 */
export function uninstallScript(host: string, unit: "k3s" | "k3s-agent" | "kubelet"): string {
  const k3s = unit !== "kubelet";
  const made = k3s ? K3S_MADE : KUBEADM_MADE;
  const values = variables({ host, unit, what: k3s ? "k3s" : "Kubernetes" });
  return `${values}set -eu\n${k3s ? "" : RESET}${END}${made}${GONE}`;
}

/** A server is taken out of etcd by this too, as long as another one answers. */
const RESET = `if [ -x /usr/local/bin/kubeadm ]; then
  /usr/local/bin/kubeadm reset --force >/dev/null || echo "$host: kubeadm reset failed" >&2
fi
systemctl disable --quiet --now kvm-fabric-etcd-snapshot.timer 2>/dev/null || true
`;

const K3S_MADE = `rm -rf /etc/rancher/k3s /run/k3s /var/lib/rancher/k3s /usr/local/bin/k3s
`;

const KUBEADM_MADE = `rm -rf /etc/kubernetes /var/lib/etcd /var/log/kubernetes /etc/systemd/system/kvm-fabric-etcd-snapshot.* \\
  /usr/local/sbin/kvm-fabric-etcd-snapshot /usr/local/bin/kubeadm /usr/local/bin/kubectl /usr/local/bin/kubelet
`;

const GONE = `rm -rf /var/lib/kubelet /etc/cni/net.d /var/lib/cni \\
  "/etc/systemd/system/$unit.service" "/var/lib/kvm-fabric/.restart-$unit"
systemctl daemon-reload
echo "$host: $what is gone"
`;

const END = `systemctl disable --quiet "$unit" 2>/dev/null || true
systemctl stop "$unit" 2>/dev/null || true
systemctl kill --signal=KILL "$unit" 2>/dev/null || true
for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/kubepods.slice; do
  if [ -w "$group/cgroup.kill" ]; then echo 1 >"$group/cgroup.kill"; fi
done
awk '$2 ~ "^/(run/k3s|var/lib/kubelet|var/lib/rancher/k3s|run/netns/cni-)" { print $2 }' /proc/self/mounts |
  sort -r | while read -r mounted; do umount -l "$mounted" 2>/dev/null || true; done
for link in cni0 flannel.1 flannel-wg cilium_host cilium_net cilium_vxlan cilium_wg0 vxlan.calico; do
  ip link delete "$link" 2>/dev/null || true
done
`;

/**
 * Runs on a server: moves the pods off a node and takes the node out of the cluster, a server's out of etcd too. Where
 * the API does not answer there is nothing left to move.
 */
export function drainScript(
  server: string,
  node: string,
  distribution: Distribution = Distribution.K3s,
): string {
  const kubectl =
    distribution === Distribution.K3s
      ? "/usr/local/bin/k3s kubectl"
      : "/usr/local/bin/kubectl --kubeconfig /etc/kubernetes/admin.conf";
  return `${variables({ host: server, node })}set -eu\nkubectl() { ${kubectl} "$@"; }\n${DRAIN}`;
}

const DRAIN = `if ! kubectl get --raw /readyz >/dev/null 2>&1; then
  echo "$host: the API server does not answer, $node is not drained"
  exit 0
fi
if ! kubectl get node "$node" >/dev/null 2>&1; then
  echo "$host: there is no node $node"
  exit 0
fi
kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --force --timeout=600s || {
  echo "$host: $node cannot be drained: see its pods and their disruption budgets" >&2
  exit 1
}
kubectl delete node "$node" --timeout=120s
`;

/** Prints the authority, the certificate and the key of the cluster's administrator: three lines of PEM in base64. */
export function credentialScript(distribution: Distribution = Distribution.K3s): string {
  const file =
    distribution === Distribution.K3s ? "/etc/rancher/k3s/k3s.yaml" : "/etc/kubernetes/admin.conf";
  const fields = ["certificate-authority-data", "client-certificate-data", "client-key-data"];
  const lines = fields.map((field) => `sed -n 's/^ *${field}: *//p' ${file}\n`);
  return `set -eu\n${lines.join("")}`;
}
