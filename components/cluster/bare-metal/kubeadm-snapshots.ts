import type { HostFile } from "./shell";

/** Where snapshots of etcd lie; they outlive the cluster. */
export const SNAPSHOTS_DIR = "/var/lib/kvm-fabric/etcd-snapshots";

const PROGRAM = "/usr/local/sbin/kvm-fabric-etcd-snapshot";

/**
 * A timer that saves etcd every six hours, through the etcdctl of etcd's own image: kubeadm does not. A snapshot appears
 * under its name only once it is whole; the oldest beyond `retained` go.
 */
export function snapshotFiles(host: string, retained: number): HostFile[] {
  return [
    { path: PROGRAM, mode: "700", content: program(host, retained) },
    {
      path: "/etc/systemd/system/kvm-fabric-etcd-snapshot.service",
      mode: "644",
      content: `[Unit]\nDescription=Snapshot of etcd\n\n[Service]\nType=oneshot\nExecStart=${PROGRAM}\n`,
    },
    {
      path: "/etc/systemd/system/kvm-fabric-etcd-snapshot.timer",
      mode: "644",
      content:
        "[Unit]\nDescription=Snapshots of etcd\n\n[Timer]\nOnCalendar=*-*-* 00/6:17:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n",
    },
  ];
}

function program(host: string, retained: number): string {
  return `#!/bin/sh
set -eu
umask 077
folder=${SNAPSHOTS_DIR}
name=etcd-$(date -u +%Y%m%dT%H%M%SZ)
/usr/local/bin/kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system exec etcd-${host} -- etcdctl \\
  --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \\
  --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key \\
  snapshot save /var/lib/etcd/kvm-fabric-snapshot
gzip -c /var/lib/etcd/kvm-fabric-snapshot >"$folder/$name.new"
rm -f /var/lib/etcd/kvm-fabric-snapshot
mv "$folder/$name.new" "$folder/$name.gz"
for old in $(ls -r "$folder" | grep '^etcd-.*\\.gz$' | tail -n +$((${retained} + 1))); do
  rm -f "$folder/$old"
done
`;
}
