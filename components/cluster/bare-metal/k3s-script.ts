import { quote } from "./quote";
import { K3S_FILES } from "./k3s-config";
import { type HostFile, putFiles, putSecrets, type SecretFile } from "./shell";
import { SHELL_FUNCTIONS, variables } from "./shell";

/** What one host is to run. */
export interface K3sInstallation {
  host: string;
  /** What k3s is on the host. */
  unit: "k3s" | "k3s-agent";
  version: string;
  /** SHA-256 of the binary for the host's processor. */
  sha256: string;
  url: string;
  files: HostFile[];
  /** Written from standard input, one line each, in this order. */
  secrets: SecretFile[];
  /** True on the server that begins the cluster. */
  first: boolean;
  /** Where a cluster may answer already: looked at by the first server only. */
  others: string[];
  /** False where the caller installs the CNI: nodes are not ready until then. */
  readyNode: boolean;
}

const WAIT_SECONDS = 900;

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
    other_unit: unit === "k3s" ? "k3s-agent" : "k3s",
    begins: first ? "yes" : "no",
    ready_node: installation.readyNode ? "yes" : "no",
    wait_seconds: WAIT_SECONDS,
  });
  const unitFile = {
    path: `/etc/systemd/system/${unit}.service`,
    mode: "644",
    content: unitText(unit),
  };
  return `${values}${SHELL_FUNCTIONS}${INSTALL}${others.length > 0 ? `refuse_second_cluster ${others.map(quote).join(" ")}\n` : ""}private_dir /etc/rancher/k3s
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
pending=/var/lib/kvm-fabric/.restart-$unit
mkdir -p /var/lib/kvm-fabric

minor_of() { sed -n 's/^\\(k3s version \\)\\{0,1\\}v1\\.\\([0-9]*\\)\\..*/\\2/p' | head -n 1; }
sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

refuse_other_role() {
  [ ! -e "/etc/systemd/system/$other_unit.service" ] ||
    fail "runs $other_unit: a host's role does not change; take it out of the cluster in a run of its own"
}

refuse_skips() {
  [ -x "$k3s" ] || return 0
  from=$("$k3s" --version | minor_of)
  to=$(echo "$version" | minor_of)
  [ -n "$from" ] || return 0
  [ "$to" -ge "$from" ] || fail "runs v1.$from and does not go back to $version"
  [ $((to - from)) -le "$most" ] || fail "runs v1.$from: v1.$((from + most)) comes before $version"
}

refuse_second_cluster() {
  [ "$begins" = yes ] && [ ! -d /var/lib/rancher/k3s/server/db/etcd ] || return 0
  for other; do
    answer=$(curl --insecure --silent --max-time 5 "https://$other:6443/ping" || true)
    [ "$answer" != pong ] ||
      fail "a cluster answers at $other, and this host would begin a second one: list it behind a server of that cluster"
  done
}

install_binary() {
  [ -x "$k3s" ] && [ "$(sum_of "$k3s")" = "$sum" ] && return 0
  mkdir -p /usr/local/bin
  say "downloading $url"
  curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' --tlsv1.2 \\
    --connect-timeout 10 --speed-limit 1024 --speed-time 30 --retry 5 --retry-connrefused \\
    --output "$k3s.new" --url "$url" || fail "cannot download $url"
  got=$(sum_of "$k3s.new")
  if [ "$got" != "$sum" ]; then
    rm -f "$k3s.new"
    fail "$url has SHA-256 $got, wanted $sum"
  fi
  chmod 755 "$k3s.new"
  : >"$pending"
  mv -f "$k3s.new" "$k3s"
  changed "installed k3s $version"
}

if [ "$unit" = k3s ]; then
  kubectl() { "$k3s" kubectl "$@"; }
else
  kubectl() { "$k3s" kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig "$@"; }
fi
node_state() {
  kubectl get node "$host" -o \\
    'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}' 2>/dev/null || true
}

# A server that is restarted while another is down takes the quorum with it.
wait_for_others() {
  [ "$unit" = k3s ] && systemctl is-active --quiet "$unit" || return 0
  left=$wait_seconds
  while :; do
    down=$(kubectl get nodes -l node-role.kubernetes.io/control-plane -o \\
      'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}' |
      awk -v own="$host" 'NF && $1 != own && $2 != "True" { printf "%s ", $1 }')
    [ -n "$down" ] || return 0
    [ "$left" -gt 0 ] || fail "not restarted: other servers are not ready: $down"
    left=$((left - 5))
    sleep 5
  done
}

wait_until_ready() {
  left=$wait_seconds
  while :; do
    state=$(node_state)
    case "$state" in
      "True $version") break ;;
      *" $version") [ "$ready_node" = yes ] || break ;;
    esac
    [ "$left" -gt 0 ] || fail "its node is not ready at $version after $wait_seconds s (\${state:-no node}): journalctl -u $unit"
    left=$((left - 5))
    sleep 5
  done
  [ "$unit" != k3s ] || [ "$(kubectl get --raw /readyz)" = ok ] || fail "its API server is not ready"
}

run_unit() {
  systemctl is-enabled --quiet "$unit" 2>/dev/null || systemctl enable --quiet "$unit"
  if [ -e "$pending" ] || ! systemctl is-active --quiet "$unit"; then
    [ "$ready_node" = no ] || wait_for_others
    systemctl daemon-reload
    systemctl restart "$unit" || fail "$unit does not start: journalctl -u $unit"
    say "started $unit"
  fi
  wait_until_ready
  rm -f "$pending"
  say "runs k3s $version, $changes changes"
}

refuse_other_role
refuse_skips
`;
