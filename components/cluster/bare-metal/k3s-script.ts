import { quote } from "./quote";
import { K3S_FILES } from "./k3s-config";
import { NODE_FUNCTIONS, NODE_WAIT_SECONDS, type NodeInstallation } from "./node-shell";
import { putFiles, putSecrets, SHELL_FUNCTIONS, variables } from "./shell";

/** What one host is to run. */
export interface K3sInstallation extends NodeInstallation {
  /** What k3s is on the host. */
  unit: "k3s" | "k3s-agent";
  /** SHA-256 of the binary for the host's processor. */
  sha256: string;
  url: string;
}

/** How many minor versions an upgrade may take in one step: servers one, agents what kubelets may be behind. */
const STEPS = { k3s: 1, "k3s-agent": 3 } as const;

/**
 * The script that brings a host to its release and configuration and waits until its node is ready.
 *
 * - Nothing is downloaded, written or restarted that is so already.
 * - What was written but not yet taken up - the run was killed, another server was down - is remembered on the host.
 * - A server is restarted only while all others are ready; the first one begins no second cluster.
 * - The binary is fetched over https and has to have the sum that was given.
 */
export function k3sScript(installation: K3sInstallation): string {
  const { host, unit, version, sha256, url, files, secrets, first, others } = installation;
  const values = variables({
    ...{ host, unit, version, url, sum: sha256, most: STEPS[unit] },
    ...{ distribution: "k3s", probe: "ping", alive: "pong" },
    server: unit === "k3s" ? "yes" : "no",
    other_unit: unit === "k3s" ? "k3s-agent" : "k3s",
    begins: first ? "yes" : "no",
    ready_node: installation.readyNode ? "yes" : "no",
    wait_seconds: NODE_WAIT_SECONDS,
  });
  const unitFile = {
    path: `/etc/systemd/system/${unit}.service`,
    mode: "644",
    content: unitText(unit),
  };
  return `${values}${SHELL_FUNCTIONS}${NODE_FUNCTIONS}${INSTALL}${others.length > 0 ? `refuse_second_cluster ${others.map(quote).join(" ")}\n` : ""}private_dir /etc/rancher/k3s
${unit === "k3s" ? `private_dir /var/lib/rancher/k3s/server/logs\nprivate_dir ${K3S_FILES.snapshots}\n` : ""}${putSecrets(secrets)}${putFiles([...files, unitFile])}install_binary
run_unit
`;
}

/** How systemd runs k3s: containers go on while k3s itself is restarted. */
function unitText(unit: K3sInstallation["unit"]): string {
  return `[Unit]
Description=Kubernetes node (k3s)
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s ${unit === "k3s" ? "server" : "agent"}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`;
}

const INSTALL = `k3s=/usr/local/bin/k3s
if [ "$server" = yes ]; then
  kubectl() { "$k3s" kubectl "$@"; }
else
  kubectl() { "$k3s" kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig "$@"; }
fi

refuse_other_role() {
  [ ! -e "/etc/systemd/system/$other_unit.service" ] ||
    fail "runs $other_unit: a host's role does not change; take it out of the cluster in a run of its own"
}

refuse_skips() {
  [ -x "$k3s" ] || return 0
  refuse_step "$("$k3s" --version | minor_of)"
}

refuse_second_cluster() {
  [ "$begins" = yes ] && [ ! -d /var/lib/rancher/k3s/server/db/etcd ] || return 0
  refuse_answering "$@"
}

install_binary() {
  fetch "$url" "$sum" "$k3s" || return 0
  chmod 755 "$k3s.new"
  : >"$pending"
  mv -f "$k3s.new" "$k3s"
  changed "installed k3s $version"
}

refuse_other_role
refuse_skips
`;
