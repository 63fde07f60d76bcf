import { variables } from "./shell";

/**
 * Takes k3s off a host with everything that it made, except etcd's snapshots. Containers are ended through their
 * control group, which no process can leave.
 */
export function uninstallScript(host: string, unit: "k3s" | "k3s-agent"): string {
  return `${variables({ host, unit })}${UNINSTALL}`;
}

const UNINSTALL = `set -eu
systemctl disable --quiet "$unit" 2>/dev/null || true
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
rm -rf /etc/rancher/k3s /run/k3s /var/lib/rancher/k3s /var/lib/kubelet /etc/cni/net.d /var/lib/cni \\
  "/etc/systemd/system/$unit.service" "/var/lib/kvm-fabric/.restart-$unit" /usr/local/bin/k3s
systemctl daemon-reload
echo "$host: k3s is gone"
`;

/**
 * Runs on a server: moves the pods off a node and takes the node out of the cluster, a server's out of etcd too. Where
 * the API does not answer there is nothing left to move.
 */
export function drainScript(server: string, node: string): string {
  return `${variables({ host: server, node })}${DRAIN}`;
}

const DRAIN = `set -eu
k3s=/usr/local/bin/k3s
if ! "$k3s" kubectl get --raw /readyz >/dev/null 2>&1; then
  echo "$host: the API server does not answer, $node is not drained"
  exit 0
fi
if ! "$k3s" kubectl get node "$node" >/dev/null 2>&1; then
  echo "$host: there is no node $node"
  exit 0
fi
"$k3s" kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --force --timeout=600s || {
  echo "$host: $node cannot be drained: see its pods and their disruption budgets" >&2
  exit 1
}
"$k3s" kubectl delete node "$node" --timeout=120s
`;

/** Prints the authority, the certificate and the key of the cluster's administrator: three lines of PEM in base64. */
export function credentialScript(): string {
  const fields = ["certificate-authority-data", "client-certificate-data", "client-key-data"];
  const lines = fields.map((field) => `sed -n 's/^ *${field}: *//p' /etc/rancher/k3s/k3s.yaml\n`);
  return `set -eu\n${lines.join("")}`;
}
