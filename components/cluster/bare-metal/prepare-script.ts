import { Distribution } from "./args";
import { SYSCTLS } from "./hardening";
import { putFiles, SHELL_FUNCTIONS, variables } from "./shell";

/** What a host must be before anything is installed on it. */
export interface HostNeeds {
  name: string;
  /** As `uname -m` prints it. */
  machine: string;
  minimumDiskGib: number;
  /** True where microVMs are to run: their monitors need a kernel of 5.10 or newer. */
  kvm?: boolean;
  /** What makes Kubernetes of it: kubeadm needs a container runtime that is there. Defaults to "k3s". */
  distribution?: Distribution;
  /** Kernel modules that must load. */
  modules: readonly string[];
}

const SYSCTL_FILE = "/etc/sysctl.d/90-kvm-fabric.conf";
const MODULES_FILE = "/etc/modules-load.d/kvm-fabric.conf";

/**
 * The script that checks a host and gives its kernel the settings that nodes need. It names everything that is missing
 * at once, and changes nothing where something is. Free space counts before the first installation only.
 */
export function prepareScript(needs: HostNeeds): string {
  const { name, machine, minimumDiskGib, modules } = needs;
  const joined =
    needs.distribution === Distribution.Kubeadm ? "/var/lib/kubelet/pki" : "/var/lib/rancher/k3s";
  const values = variables({ host: name, machine, disk_gib: minimumDiskGib, joined });
  const files = [
    { path: MODULES_FILE, mode: "644", content: `${modules.join("\n")}\n` },
    { path: SYSCTL_FILE, mode: "644", content: SYSCTLS },
  ];
  return `${values}${SHELL_FUNCTIONS}${CHECKS}${needs.kvm === true ? KVM_CHECKS : ""}${needs.distribution === Distribution.Kubeadm ? RUNTIME_CHECKS : ""}check_host ${modules.join(" ")}
${putFiles(files)}sysctl -q -p ${SYSCTL_FILE} || fail "the kernel does not take the settings of ${SYSCTL_FILE}"
say "ready to join, $changes changes"
`;
}

/**
 * Amazon Linux 2 ended on 2026-06-30, and its kernel is older than what Firecracker is tested on.
 * Source: https://github.com/firecracker-microvm/firecracker/blob/main/docs/kernel-policy.md
 */
const KVM_CHECKS = `case $(sed -n 's/^\\(ID\\|VERSION_ID\\)="\\{0,1\\}\\([^"]*\\)"\\{0,1\\}$/\\2/p' /etc/os-release | sort | tr '\\n' ' ') in
  '2 amzn ') lacks 'runs Amazon Linux 2: install Amazon Linux 2023, or another system' ;;
esac
uname -r | awk -F. '{ exit !($1 > 5 || ($1 == 5 && $2 + 0 >= 10)) }' ||
  lacks "runs Linux $(uname -r), needs 5.10 or newer"
`;

/**
 * What kubeadm takes for given.
 * Source: https://kubernetes.io/docs/setup/production-environment/container-runtimes/
 */
const RUNTIME_CHECKS = `for program in base64 conntrack containerd gzip ip iptables mount nsenter runc; do
  command -v "$program" >/dev/null 2>&1 || lacks "lacks the program $program"
done
[ -x /opt/cni/bin/loopback ] || lacks "lacks the CNI's plugins in /opt/cni/bin"
systemctl is-active --quiet containerd || lacks "does not run containerd"
containerd config dump 2>/dev/null | grep -q 'SystemdCgroup *= *true' ||
  lacks "runs containerd without SystemdCgroup = true, which kubelets need with systemd"
[ "$(wc -l </proc/swaps)" -le 1 ] || lacks "has swap on, which kubelets refuse"
`;

/** Takes back what {@link prepareScript} wrote; the running kernel keeps its settings until it is started again. */
export function unprepareScript(): string {
  return `set -eu\nrm -f ${MODULES_FILE} ${SYSCTL_FILE}\n`;
}

const CHECKS = `missing=0
lacks() {
  echo "$host: $1" >&2
  missing=1
}
check_host() {
  [ "$(id -u)" = 0 ] || fail "not root: log in as root, or as a user with sudo and no password"
  for program in awk cmp curl sha256sum sysctl systemctl modprobe; do
    command -v "$program" >/dev/null 2>&1 || lacks "lacks the program $program"
  done
  [ -d /run/systemd/system ] || lacks "does not run systemd"
  [ "$(uname -m)" = "$machine" ] || lacks "is of type $(uname -m), declared as $machine"
  grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null ||
    lacks "has no memory controller in cgroup v2, which kubelets need"
  if [ ! -d "$joined" ]; then
    free=$(df -Pk /var/lib | awk 'NR == 2 { print int($4 / 1048576) }')
    [ "$free" -ge "$disk_gib" ] || lacks "has $free GiB free in /var/lib, needs $disk_gib"
  fi
  for module; do
    modprobe -q "$module" 2>/dev/null || [ -d "/sys/module/$module" ] ||
      lacks "cannot load the kernel module $module"
  done
  [ "$missing" = 0 ] || fail "cannot become a node"
}
`;
