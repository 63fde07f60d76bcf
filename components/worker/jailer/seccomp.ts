import { ARCHITECTURES, CONDITIONAL_SYSTEM_CALLS, SYSTEM_CALLS } from "./system-calls";

/**
 * The capabilities that the jailer needs, and nothing beyond: namespaces and mounts, devices and users of its own for each
 * guest, TAP devices. Source: https://github.com/mitos-run/mitos/blob/main/docs/adr/0008-forkd-non-privileged-jailer.md,
 * and https://github.com/firecracker-microvm/firecracker/blob/main/docs/jailer.md
 */
export const JAILER_CAPABILITIES: readonly string[] = Object.freeze([
  "CHOWN",
  "DAC_OVERRIDE",
  "MKNOD",
  "NET_ADMIN",
  "SETGID",
  "SETUID",
  "SYS_ADMIN",
]);

/**
 * What the jailer calls and a container runtime's default denies even with SYS_ADMIN.
 * Source: https://github.com/firecracker-microvm/firecracker/blob/main/src/jailer/src/chroot.rs
 */
const GRANTED: readonly string[] = Object.freeze(["pivot_root"]);

/**
 * What the default grants for SYS_ADMIN and no jailer calls. `bpf` heads the list: with SYS_ADMIN it takes the filter of
 * devices off a control group, and with MKNOD beside it the node's disks lie open.
 */
export const WITHHELD: readonly string[] = Object.freeze([
  "bpf",
  "fanotify_init",
  "lookup_dcookie",
  "perf_event_open",
  "quotactl",
  "quotactl_fd",
  "setdomainname",
  "sethostname",
  "syslog",
]);

/**
 * The seccomp profile of a worker with the jailer, as the kubelet's folder of Localhost profiles holds it (JSON of the OCI
 * runtime specification): containerd's default for {@link JAILER_CAPABILITIES}, with `pivot_root` and without what the jailer
 * has no use for. One for both architectures: a call that the machine does not have is passed by. Firecracker lays its own,
 * much narrower filters over it.
 * Source of the form: https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
 */
export function jailerSeccompProfile(): string {
  const allowed = SYSTEM_CALLS.filter((name) => !WITHHELD.includes(name));
  const syscalls = [
    { names: [...allowed, ...GRANTED].sort(), action: "SCMP_ACT_ALLOW" },
    ...CONDITIONAL_SYSTEM_CALLS.map(([name, index, op, value]) => ({
      names: [name],
      action: "SCMP_ACT_ALLOW",
      args: [{ index, value, op }],
    })),
  ];
  return `${JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: ARCHITECTURES,
    syscalls,
  })}\n`;
}
