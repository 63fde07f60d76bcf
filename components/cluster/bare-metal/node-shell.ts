import type { HostFile, SecretFile } from "./shell";

/** What one host is to run, whatever the distribution. */
export interface NodeInstallation {
  host: string;
  version: string;
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

/** How long a script waits for its node, and for other servers, in seconds. */
export const NODE_WAIT_SECONDS = 900;

/**
 * What the scripts of both distributions share: how a program is fetched, how versions step, and how a node's unit is
 * started while the other servers are well. A script sets `host`, `version`, `unit`, `server`, `most`, `ready_node` and
 * `wait_seconds`, and defines `kubectl` before it uses these.
 */
export const NODE_FUNCTIONS = `pending=/var/lib/kvm-fabric/.restart-$unit
mkdir -p /var/lib/kvm-fabric

minor_of() { sed -n 's/^\\(k3s version \\)\\{0,1\\}v1\\.\\([0-9]*\\)\\..*/\\2/p' | head -n 1; }
sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# Refuses a step from the minor version $1 that Kubernetes does not take.
refuse_step() {
  to=$(echo "$version" | minor_of)
  [ -n "$1" ] || return 0
  [ "$to" -ge "$1" ] || fail "runs v1.$1 and does not go back to $version"
  [ $((to - $1)) -le "$most" ] || fail "runs v1.$1: v1.$(($1 + most)) comes before $version"
}

refuse_answering() {
  for other; do
    answer=$(curl --insecure --silent --max-time 5 "https://$other:6443/$probe" || true)
    [ "$answer" != "$alive" ] ||
      fail "a cluster answers at $other, and this host would begin a second one: list it behind a server of that cluster"
  done
}

# Brings the file $3 to the sum $2 from the URL $1; true where it had to.
fetch() {
  if [ -f "$3" ] && [ "$(sum_of "$3")" = "$2" ]; then return 1; fi
  mkdir -p "$(dirname "$3")"
  say "downloading $1"
  curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' --tlsv1.2 \\
    --connect-timeout 10 --speed-limit 1024 --speed-time 30 --retry 5 --retry-connrefused \\
    --output "$3.new" --url "$1" || fail "cannot download $1"
  got=$(sum_of "$3.new")
  if [ "$got" != "$2" ]; then
    rm -f "$3.new"
    fail "$1 has SHA-256 $got, wanted $2"
  fi
}

node_state() {
  kubectl get node "$host" -o \\
    'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}' 2>/dev/null || true
}

# A server that is restarted while another is down takes the quorum with it.
wait_for_others() {
  [ "$server" = yes ] && systemctl is-active --quiet "$unit" || return 0
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
  [ "$server" = no ] || [ "$(kubectl get --raw /readyz)" = ok ] || fail "its API server is not ready"
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
  say "runs $distribution $version, $changes changes"
}
`;
