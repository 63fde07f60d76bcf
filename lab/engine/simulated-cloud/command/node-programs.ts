/**
 * Stand-ins for what a container without systemd, network and kernel modules cannot run. Each keeps its state in files
 * below /srv and notes its calls there, so that a test sees what a script asked of its machine.
 */
export function nodePrograms(): Record<string, string> {
  return {
    "/usr/local/bin/curl": CURL,
    "/usr/local/bin/ip": NOTE,
    "/usr/local/bin/modprobe": MODPROBE,
    "/usr/local/bin/sudo": SUDO,
    "/usr/local/bin/sysctl": NOTE,
    "/usr/local/bin/systemctl": SYSTEMCTL,
    ...RUNTIME,
    "/run/systemd/system/.keep": "",
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory pids\n",
    "/srv/modules": "overlay br_netfilter wireguard kvm tun vhost_net vhost_vsock kvm_intel\n",
  };
}

/** Path of the program by which a machine asks the lab for what it cannot play by itself. */
export const LINE = "/usr/local/bin/lab-line";

/**
 * What a machine of a stack has beside {@link nodePrograms}: the disk and the processor that it is said to have, and a
 * line to the lab, by which its k3s begins and joins clusters with a real API server.
 */
export function stackPrograms(architecture: string): Record<string, string> {
  const machine = architecture === "arm64" ? "aarch64" : "x86_64";
  return {
    "/usr/local/bin/df": DF,
    "/usr/local/bin/uname": `#!/bin/sh\n[ "$*" != -m ] || { echo ${machine}; exit; }\nexec /bin/uname "$@"\n`,
    [LINE]: LAB_LINE,
  };
}

/** A terabyte everywhere. */
const DF = `#!/bin/sh
echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
echo "lab 1073741824 0 1073741824 0% /"
`;

/** One request: exit code, standard output and standard error are the lab's. */
const LAB_LINE = `#!/bin/sh
words=
for word; do words="\${words:+$words }$(printf %s "$word" | base64 -w 0)"; done
echo "$words" >&3
read -r code out err <&3 || { echo "\${0##*/}: the lab does not answer" >&2; exit 1; }
printf %s "\${out#x}" | base64 -d
printf %s "\${err#x}" | base64 -d >&2
exit "$code"
`;

/** What kubeadm takes for given on a machine. */
const RUNTIME: Record<string, string> = {
  ...Object.fromEntries(
    ["conntrack", "iptables", "runc"].map((name) => [`/usr/local/bin/${name}`, "#!/bin/sh\n"]),
  ),
  "/opt/cni/bin/loopback": "#!/bin/sh\n",
  "/srv/units/containerd.active": "",
  "/usr/local/bin/containerd": "#!/bin/sh\necho 'SystemdCgroup = true'\n",
};

const NOTE = `#!/bin/sh
echo "\${0##*/} $*" >>/srv/calls
`;

/** Everybody is root already. */
const SUDO = `#!/bin/sh
[ "$1" = -n ] || { echo "sudo: a password is required" >&2; exit 1; }
shift
exec "$@"
`;

/** Loads what /srv/modules names. */
const MODPROBE = `#!/bin/sh
echo "modprobe $*" >>/srv/calls
for last; do :; done
grep -qw "$last" /srv/modules
`;

/** Serves https://web/FILE out of /srv/web, and says "pong" for the addresses that /srv/pong names. */
const CURL = `#!/bin/sh
echo "curl $*" >>/srv/calls
output=/dev/stdout url= before=
for argument; do
  case $before in --output) output=$argument ;; --url) url=$argument ;; esac
  before=$argument
done
[ -n "$url" ] || url=$before
case $url in
  https://*:6443/ping | https://*:6443/livez)
    host=\${url#https://}
    answer=pong
    [ "\${url##*/}" = ping ] || answer=ok
    [ ! -x /usr/local/bin/lab-line ] || exec lab-line ping "\${host%:6443/*}"
    grep -qxF "\${host%:6443/*}" /srv/pong 2>/dev/null && printf %s "$answer" && exit 0
    exit 7 ;;
esac
file=/srv/web/\${url##*/}
[ -f "$file" ] || { echo "curl: (22) 404" >&2; exit 22; }
cat "$file" >"$output"
`;

/** Units are files of /srv/units: what is started runs its program once. */
const SYSTEMCTL = `#!/bin/sh
echo "systemctl $*" >>/srv/calls
mkdir -p /srv/units
verb=$1
for unit; do :; done
case $verb in
  is-active) [ -e "/srv/units/$unit.active" ] ;;
  is-enabled) [ -e "/srv/units/$unit.enabled" ] ;;
  enable) : >"/srv/units/$unit.enabled" ;;
  disable) rm -f "/srv/units/$unit.enabled" ;;
  stop) rm -f "/srv/units/$unit.active" ;;
  restart)
    program=$(sed -n 's/^ExecStart=\\([^$]*\\).*/\\1/p' "/etc/systemd/system/$unit.service")
    $program || { rm -f "/srv/units/$unit.active"; exit 1; }
    : >"/srv/units/$unit.active" ;;
esac
`;

/**
 * A k3s that checks what it is given instead of running it: its flags, the files that its configuration names and
 * their modes. On a machine with a line to the lab it then joins a cluster with a real API server, and `kubectl` is the
 * lab's; else `kubectl` answers for a cluster of this node and those of /srv/servers.
 */
export function fakeK3s(version: string): string {
  return FAKE_K3S.replace("@KUBECTL@", KUBECTL).replaceAll("@VERSION@", version);
}

/**
 * A program of Kubernetes for a machine that kubeadm makes a node: each checks what it is given instead of running it,
 * its flags, the files that they name, and the modes of what is secret.
 */
export function fakeKubernetes(name: "kubeadm" | "kubectl" | "kubelet", version: string): string {
  const texts = {
    kubeadm: FAKE_KUBEADM,
    kubectl: `#!/bin/sh\nnode=$(cat /srv/node-name 2>/dev/null)\n${KUBECTL}\n`,
    kubelet: `#!/bin/sh\n[ -f /etc/kubernetes/kubelet.conf ] || exit 1\necho "True @VERSION@" >/srv/node\n`,
  };
  return texts[name].replaceAll("@VERSION@", version);
}

const FAKE_KUBEADM = `#!/bin/sh
# The kubeadm of a simulated machine, @VERSION@.
echo "kubeadm $*" >>/srv/calls
wrong() { echo "kubeadm: $1" >&2; exit 1; }
private() {
  [ -s "$1" ] || wrong "there is no $1"
  [ "$(stat -c %a "$1")" = 600 ] || wrong "$1 has mode $(stat -c %a "$1")"
}
keys() {
  for name in ca front-proxy-ca etcd/ca; do
    private "/etc/kubernetes/pki/$name.key"
    [ -s "/etc/kubernetes/pki/$name.crt" ] || wrong "no certificate of $name"
  done
  private /etc/kubernetes/pki/sa.key
}
given() { # the files that arguments of the API server name
  private "$1"
  for file in $(grep -A 1 -e '"name": ".*-config\\(-file\\)\\{0,1\\}"' -e '"name": "audit-policy-file"' "$1" | sed -n 's/.*"value": "\\(.*\\)".*/\\1/p'); do
    private "$file"
  done
}
joined() {
  [ ! -e /srv/kubeadm-killed ] || { rm /srv/kubeadm-killed; exit 137; }
  sed -n 's/^    "name": "\\(.*\\)",$/\\1/p' "$1" | head -n 1 >/srv/node-name
  mkdir -p /var/lib/kubelet/pki
  printf 'clusters:\\n- cluster:\\n    certificate-authority-data: Q0E=\\nusers:\\n- user:\\n    client-certificate-data: Q0VSVA==\\n    client-key-data: S0VZ\\n' >/etc/kubernetes/admin.conf
  : >/etc/kubernetes/kubelet.conf
  : >/srv/units/kubelet.active
  /usr/local/bin/kubelet
}
case "$1 $2" in
  "init --config") [ "$4" = --skip-token-print ] || wrong "the token is printed"; keys; given "$3"; joined "$3" ;;
  "join --config")
    private "$3"; private /etc/kubernetes/kvm-fabric/join-token; private /etc/kubernetes/kvm-fabric/discovery.json
    [ -s /etc/kubernetes/kvm-fabric/authority.crt ] || wrong "nobody to trust"
    ! grep -q '"controlPlane"' "$3" || keys
    joined "$3" ;;
  "init phase") shift 2; [ "$3" = --config ] || wrong "no configuration"; keys; given "$4" ;;
  "upgrade apply") [ "$3 $4" = "@VERSION@ --yes" ] || wrong "upgrade to $3" ;;
  "upgrade node") ;;
  "reset --force") rm -rf /etc/kubernetes/pki /etc/kubernetes/*.conf /etc/kubernetes/manifests ;;
  *) wrong "unknown command $*" ;;
esac
`;

/** Answers for a cluster of this node and those of /srv/servers. */
const KUBECTL = `    wrong() { echo "kubectl: $1" >&2; exit 1; }
    echo "kubectl $*" >>/srv/calls
    [ "$1" != --kubeconfig ] || { [ -f "$2" ] || [ "$2" != /etc/kubernetes/admin.conf ] || wrong "no $2"; shift 2; }
    case "$*" in
      "get --raw /readyz") [ ! -e /srv/api-down ] || exit 1; printf ok ;;
      "get node $node -o "*) cat /srv/node 2>/dev/null ;;
      "get nodes -l node-role.kubernetes.io/control-plane -o "*) echo "$node True"; cat /srv/servers 2>/dev/null || true ;;
      "get node "*) grep -qx "$3" /srv/nodes ;;
      "drain "*) [ ! -e /srv/undrainable ] || exit 1 ;;
      "delete node "*) sed -i "/^$3$/d" /srv/nodes ;;
      "apply --server-side "*) for last; do :; done; [ -s "$last" ] || wrong "there is no $last" ;;
      *) wrong "kubectl $*" ;;
    esac`;

const FAKE_K3S = `#!/bin/sh
# The k3s of a simulated machine, @VERSION@.
wrong() { echo "k3s: $1" >&2; exit 1; }
private() {
  [ -f "$1" ] || wrong "there is no $1"
  [ "$(stat -c %a "$1")" = 600 ] || wrong "$1 has mode $(stat -c %a "$1")"
}
setting() { sed -n 's/^  "'"$1"'": "\\{0,1\\}\\([^",]*\\)"\\{0,1\\},\\{0,1\\}$/\\1/p' /etc/rancher/k3s/config.yaml; }
node=$(setting node-name)
case $1 in
  --version) echo "k3s version @VERSION@ (0123abcd)" ;;
  server | agent)
    [ $# = 1 ] || wrong "something secret could stand on the command line: $*"
    private /etc/rancher/k3s/config.yaml
    private "$(setting token-file)"
    [ -s "$(setting token-file)" ] || wrong "an empty token"
    [ "$(setting protect-kernel-defaults)" = true ] || wrong "protect-kernel-defaults is off"
    [ -f /etc/sysctl.d/90-kvm-fabric.conf ] || wrong "the kernel is not prepared"
    if [ "$1" = server ]; then
      private "$(setting agent-token-file)"
      [ "$(setting secrets-encryption)" = true ] || wrong "Secrets are not encrypted"
      [ "$(setting write-kubeconfig-mode)" = 0600 ] || wrong "the kubeconfig is readable"
      [ "$(stat -c %a /var/lib/rancher/k3s/server/logs)" = 700 ] || wrong "logs are readable"
      for file in $(grep -o '"\\(admission-control-config\\|audit-policy\\)-file=[^"]*' /etc/rancher/k3s/config.yaml | cut -d = -f 2); do
        private "$file"
      done
      mkdir -p /var/lib/rancher/k3s/server/db/etcd
      [ ! -x /usr/local/bin/lab-line ] ||
        { lab-line join server >/etc/rancher/k3s/k3s.yaml && chmod 600 /etc/rancher/k3s/k3s.yaml; exit; }
      printf 'apiVersion: v1\\nclusters:\\n- cluster:\\n    certificate-authority-data: Q0E=\\nusers:\\n- user:\\n    client-certificate-data: Q0VSVA==\\n    client-key-data: S0VZ\\n' >/etc/rancher/k3s/k3s.yaml
      chmod 600 /etc/rancher/k3s/k3s.yaml
    else
      [ -n "$(setting server)" ] || wrong "an agent without a server"
      mkdir -p /var/lib/rancher/k3s/agent
      [ ! -x /usr/local/bin/lab-line ] ||
        { lab-line join agent && : >/var/lib/rancher/k3s/agent/kubelet.kubeconfig; exit; }
    fi
    mkdir -p /var/lib/rancher/k3s/agent
    echo "True @VERSION@" >/srv/node ;;
  kubectl)
    [ ! -x /usr/local/bin/lab-line ] || exec lab-line "$@"
    shift
@KUBECTL@ ;;
  *) wrong "unknown command $1" ;;
esac
`;
