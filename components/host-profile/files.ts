import type { HostProfilePlan } from "./plan";

/** A file of a host. */
export interface HostFile {
  /** Absolute. */
  path: string;
  content: string;
}

/** Where the kernel shows how many huge pages of a size there are, and takes how many there should be. */
export function hugepagesPath(sizeKib: number): string {
  return `/sys/kernel/mm/hugepages/hugepages-${String(sizeKib)}kB/nr_hugepages`;
}

/**
 * The files that make a profile hold over a reboot. All are always written, so that what is no longer asked for is
 * gone from them. Names that end in `.conf` alone are read by the system, so a half-written one never is.
 */
export function hostFiles(plan: HostProfilePlan): HostFile[] {
  const files = {
    "modules-load.d/kvm-fabric.conf": plan.kernelModules,
    "modprobe.d/kvm-fabric.conf": modprobeOptions(plan),
    "sysctl.d/90-kvm-fabric.conf": Object.entries(plan.sysctls).map(([key, v]) => `${key} = ${v}`),
    "security/limits.d/90-kvm-fabric.conf": sessionLimits(plan),
    "systemd/system.conf.d/90-kvm-fabric.conf": serviceLimits(plan),
    "tmpfiles.d/kvm-fabric.conf": bootWrites(plan),
  };
  return Object.entries(files).map(([path, lines]) => ({
    path: `/etc/${path}`,
    content: `${["# Written by kvm-fabric: changes are overwritten.", ...lines].join("\n")}\n`,
  }));
}

function modprobeOptions({ nestedVirtualization, nxHugePages }: HostProfilePlan): string[] {
  const nested = nestedVirtualization ? "1" : "0";
  return [
    `options kvm_intel nested=${nested}`,
    `options kvm_amd nested=${nested}`,
    ...(nxHugePages === undefined ? [] : [`options kvm nx_huge_pages=${nxHugePages}`]),
  ];
}

/** Limits of sessions that log in. */
function sessionLimits({ memlockMib, nofile }: HostProfilePlan): string[] {
  const entries = [
    `- nofile ${String(nofile)}`,
    ...(memlockMib === undefined ? [] : [`- memlock ${String(memlockMib * 1024)}`]),
  ];
  // A star does not stand for root.
  return ["*", "root"].flatMap((who) => entries.map((entry) => `${who} ${entry}`));
}

/** Limits of services, and so of the containers that a service starts. */
function serviceLimits({ memlockMib, nofile }: HostProfilePlan): string[] {
  return [
    "[Manager]",
    `DefaultLimitNOFILE=${String(nofile)}`,
    ...(memlockMib === undefined ? [] : [`DefaultLimitMEMLOCK=${String(memlockMib)}M`]),
  ];
}

/** What the kernel forgets at a reboot, in the words of tmpfiles.d(5). */
function bootWrites({ hugepages, ksm, smt }: HostProfilePlan): string[] {
  const write = (path: string, value: string): string => `w- ${path} - - - - ${value}`;
  return [
    ...(hugepages === undefined
      ? []
      : [write(hugepagesPath(hugepages.sizeKib), String(hugepages.count))]),
    ...(ksm ? [] : [write("/sys/kernel/mm/ksm/run", "0")]),
    ...(smt === "off" ? [write("/sys/devices/system/cpu/smt/control", "off")] : []),
  ];
}
