import type { Manifest } from "./args";
import { KUBEADM_DIR, KUBEADM_FILES } from "./kubeadm-config";
import { NODE_FUNCTIONS, NODE_WAIT_SECONDS, type NodeInstallation } from "./node-shell";
import type { Binary } from "./plan";
import { quote } from "./quote";
import { type HostFile, putFiles, putSecrets, SHELL_FUNCTIONS, variables } from "./shell";
import { snapshotFiles, SNAPSHOTS_DIR } from "./kubeadm-snapshots";

/** What one host is to run. */
export interface KubeadmInstallation extends NodeInstallation {
  server: boolean;
  /** kubeadm, kubectl and kubelet, for the host's processor. */
  binaries: Binary[];
  /** The CNI's objects, which the first server applies. Left out where the caller installs them. */
  manifest?: Manifest | undefined;
  /** How many snapshots of etcd a server keeps. */
  snapshotsRetained: number;
}

/**
 * The script that brings a host to its release and configuration by kubeadm and waits until its node is ready.
 *
 * - Nothing is downloaded, written or restarted that is so already.
 * - A beginning or a joining that was cut off is taken back by `kubeadm reset` and begun anew; an upgrade goes on.
 * - A control plane is changed only while all other servers are ready; the first one begins no second cluster.
 */
export function kubeadmScript(installation: KubeadmInstallation): string {
  const { host, server, version, binaries, files, secrets, first, others } = installation;
  const { manifest } = installation;
  const values = variables({
    ...{ host, version, unit: "kubelet", distribution: "Kubernetes", most: 1 },
    ...{ server: server ? "yes" : "no", begins: first ? "yes" : "no" },
    ...{ probe: "livez", alive: "ok", state_dir: KUBEADM_DIR },
    ready_node: installation.readyNode ? "yes" : "no",
    wait_seconds: NODE_WAIT_SECONDS,
  });
  const program = (name: string) => binaries.find((binary) => binary.name === name);
  const get = (name: string, call: string) => {
    const { url = "", sha256 = "" } = program(name) ?? {};
    return `${call} ${name} ${quote(url)} ${quote(sha256)}\n`;
  };
  const snapshots = server ? snapshotFiles(host, installation.snapshotsRetained) : [];
  return [
    `${values}${SHELL_FUNCTIONS}${NODE_FUNCTIONS}${INSTALL}`,
    others.length > 0 ? `refuse_second_cluster ${others.map(quote).join(" ")}\n` : "",
    `start_over\nprivate_dir ${KUBEADM_DIR}\n`,
    server ? `private_dir ${SNAPSHOTS_DIR}\nprivate_dir /var/log/kubernetes/audit\n` : "",
    putSecrets(secrets),
    putFiles([...files, ...UNIT_FILES, ...snapshots]),
    get("kubeadm", "install_program"),
    get("kubectl", "install_program"),
    get("kubelet", "take_up"),
    first ? `apply ${KUBEADM_FILES.joinSecret}\n` : "",
    first && manifest !== undefined
      ? `apply_manifest ${quote(manifest.url)} ${quote(manifest.sha256)}\n`
      : "",
    "run_unit\n",
    server ? "run_snapshots\n" : "",
  ].join("");
}

/**
 * How systemd runs the kubelet, with the arguments that kubeadm wrote.
 * Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/
 */
const UNIT_FILES: HostFile[] = [
  {
    path: "/etc/systemd/system/kubelet.service",
    mode: "644",
    content: `[Unit]
Description=Kubernetes node (kubelet)
Wants=network-online.target containerd.service
After=network-online.target containerd.service

[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS
KillMode=process
Restart=always
RestartSec=10s
StartLimitIntervalSec=0

[Install]
WantedBy=multi-user.target
`,
  },
];

const INSTALL = `bin=/usr/local/bin
if [ "$server" = yes ]; then
  kubectl() { "$bin/kubectl" --kubeconfig /etc/kubernetes/admin.conf "$@"; }
else
  kubectl() { "$bin/kubectl" --kubeconfig /etc/kubernetes/kubelet.conf "$@"; }
fi

refuse_other_role() {
  [ ! -e "$state_dir/role" ] || [ "$(cat "$state_dir/role")" = "server=$server" ] ||
    fail "a host's role does not change; take it out of the cluster in a run of its own"
}

refuse_skips() {
  [ -e "$state_dir/taken-up" ] || return 0
  refuse_step "$(minor_of <"$state_dir/taken-up")"
}

refuse_second_cluster() {
  [ "$begins" = yes ] && [ ! -e "$state_dir/taken-up" ] && [ ! -e "$state_dir/beginning" ] || return 0
  refuse_answering "$@"
}

# What was cut off while it began or joined is no node yet: kubeadm takes it back, keys and all.
start_over() {
  [ -e "$state_dir/beginning" ] || return 0
  "$bin/kubeadm" reset --force >/dev/null || fail "kubeadm cannot take back what was cut off"
  rm -f "$state_dir/beginning"
  changed "took back what was cut off"
}

install_program() {
  fetch "$2" "$3" "$bin/$1" || return 0
  chmod 755 "$bin/$1.new"
  mv -f "$bin/$1.new" "$bin/$1"
  changed "installed $1 $version"
}

install_kubelet() {
  fetch "$2" "$3" "$bin/$1" || return 0
  chmod 755 "$bin/$1.new"
  : >"$pending"
  mv -f "$bin/$1.new" "$bin/$1"
  changed "installed $1 $version"
}

# Begins, joins, upgrades or renders anew; the kubelet comes after the control plane.
take_up() {
  rendered=$(cat "$state_dir"/*.yaml "$state_dir"/*.json | sha256sum | cut -d ' ' -f 1)
  wanted="$version $rendered"
  [ -e "$state_dir/taken-up" ] || { begin "$@"; }
  if [ "$(cat "$state_dir/taken-up")" != "$wanted" ]; then
    wait_for_others
    : >"$pending"
    if [ "$(cut -d ' ' -f 1 <"$state_dir/taken-up")" != "$version" ]; then
      upgrade
    elif [ "$server" = yes ]; then
      render_anew
    fi
    printf '%s' "$wanted" >"$state_dir/taken-up.new"
    mv -f "$state_dir/taken-up.new" "$state_dir/taken-up"
    changed "took up $version"
  fi
  install_kubelet "$@"
}

begin() {
  printf 'server=%s' "$server" >"$state_dir/role"
  : >"$state_dir/beginning"
  install_kubelet "$@"
  systemctl daemon-reload
  systemctl enable --quiet kubelet
  if [ "$begins" = yes ]; then
    "$bin/kubeadm" init --config "$state_dir/cluster.yaml" --skip-token-print >&2 || fail "kubeadm init failed"
  else
    "$bin/kubeadm" join --config "$state_dir/join.yaml" >&2 || fail "kubeadm join failed"
  fi
  printf '%s' "$wanted" >"$state_dir/taken-up.new"
  mv -f "$state_dir/taken-up.new" "$state_dir/taken-up"
  rm -f "$state_dir/beginning" "$pending"
  changed "joined"
}

upgrade() {
  if [ "$begins" = yes ]; then
    "$bin/kubeadm" init phase upload-config kubeadm --config "$state_dir/cluster.yaml" >&2
    "$bin/kubeadm" upgrade apply "$version" --yes >&2 || fail "kubeadm upgrade apply failed"
  else
    "$bin/kubeadm" upgrade node >&2 || fail "kubeadm upgrade node failed"
  fi
}

# The API server's certificate is made anew as well: its names may be others.
render_anew() {
  if [ "$begins" = yes ]; then
    "$bin/kubeadm" init phase upload-config all --config "$state_dir/cluster.yaml" >&2
  fi
  rm -f /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key
  "$bin/kubeadm" init phase certs apiserver --config "$state_dir/cluster.yaml" >&2
  "$bin/kubeadm" init phase control-plane all --config "$state_dir/cluster.yaml" >&2
}

apply() {
  kubectl apply --server-side --force-conflicts --field-manager kvm-fabric -f "$1" >/dev/null || fail "cannot apply $1"
}

apply_manifest() {
  if fetch "$1" "$2" "$state_dir/cni.yml"; then
    apply "$state_dir/cni.yml.new"
    mv -f "$state_dir/cni.yml.new" "$state_dir/cni.yml"
    changed "applied $1"
  fi
}

run_snapshots() {
  systemctl is-enabled --quiet kvm-fabric-etcd-snapshot.timer 2>/dev/null ||
    systemctl enable --quiet --now kvm-fabric-etcd-snapshot.timer
}

refuse_other_role
refuse_skips
`;
