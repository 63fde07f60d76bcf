import type { HostProfile } from "../host-profile/host-profile";
import type { Fault } from "../shared/faults";
import { profileFaults, sysctlsOf, unsupportedFaults } from "./host-fields";

/** The part of a host profile that AKS takes. */
export interface AksHostConfig {
  linuxOSConfig?: { sysctls: Record<string, boolean | number | string> };
}

/** How AKS calls a kernel setting, and what it takes for it. */
interface AksSysctl {
  field: string;
  range?: [number, number];
}

/**
 * The kernel settings that AKS sets on nodes.
 * Source: https://learn.microsoft.com/azure/aks/custom-node-configuration
 */
const SYSCTLS: ReadonlyMap<string, AksSysctl> = new Map<string, AksSysctl>([
  ["fs.aio-max-nr", { field: "fsAioMaxNr" }],
  ["fs.file-max", { field: "fsFileMax" }],
  [
    "fs.inotify.max_user_watches",
    { field: "fsInotifyMaxUserWatches", range: [781_250, 2_097_152] },
  ],
  ["fs.nr_open", { field: "fsNrOpen" }],
  ["kernel.threads-max", { field: "kernelThreadsMax" }],
  ["net.core.netdev_max_backlog", { field: "netCoreNetdevMaxBacklog" }],
  ["net.core.optmem_max", { field: "netCoreOptmemMax" }],
  ["net.core.rmem_default", { field: "netCoreRmemDefault" }],
  ["net.core.rmem_max", { field: "netCoreRmemMax" }],
  ["net.core.somaxconn", { field: "netCoreSomaxconn" }],
  ["net.core.wmem_default", { field: "netCoreWmemDefault" }],
  ["net.core.wmem_max", { field: "netCoreWmemMax" }],
  ["net.ipv4.ip_local_port_range", { field: "netIpv4IpLocalPortRange" }],
  [
    "net.ipv4.neigh.default.gc_thresh1",
    { field: "netIpv4NeighDefaultGcThresh1", range: [128, 80_000] },
  ],
  [
    "net.ipv4.neigh.default.gc_thresh2",
    { field: "netIpv4NeighDefaultGcThresh2", range: [512, 90_000] },
  ],
  [
    "net.ipv4.neigh.default.gc_thresh3",
    { field: "netIpv4NeighDefaultGcThresh3", range: [1024, 100_000] },
  ],
  ["net.ipv4.tcp_fin_timeout", { field: "netIpv4TcpFinTimeout" }],
  ["net.ipv4.tcp_keepalive_intvl", { field: "netIpv4TcpkeepaliveIntvl" }],
  ["net.ipv4.tcp_keepalive_probes", { field: "netIpv4TcpKeepaliveProbes" }],
  ["net.ipv4.tcp_keepalive_time", { field: "netIpv4TcpKeepaliveTime" }],
  ["net.ipv4.tcp_max_syn_backlog", { field: "netIpv4TcpMaxSynBacklog" }],
  ["net.ipv4.tcp_max_tw_buckets", { field: "netIpv4TcpMaxTwBuckets" }],
  ["net.ipv4.tcp_tw_reuse", { field: "netIpv4TcpTwReuse" }],
  ["net.netfilter.nf_conntrack_buckets", { field: "netNetfilterNfConntrackBuckets" }],
  ["net.netfilter.nf_conntrack_max", { field: "netNetfilterNfConntrackMax" }],
  ["vm.max_map_count", { field: "vmMaxMapCount", range: [65_530, 262_144] }],
  ["vm.swappiness", { field: "vmSwappiness" }],
  ["vm.vfs_cache_pressure", { field: "vmVfsCachePressure" }],
]);

/** Renders what AKS takes of a profile; nothing without one. */
export function aksHostConfig(profile: HostProfile | undefined): AksHostConfig {
  const sysctls = Object.entries(sysctlsOf(profile, takes)).flatMap(([name, value]) => {
    const known = SYSCTLS.get(name);
    return known === undefined ? [] : [[known.field, typed(name, value)] as const];
  });
  if (sysctls.length === 0) return {};
  return { linuxOSConfig: { sysctls: Object.fromEntries(sysctls) } };
}

/** Refuses what AKS cannot give a node. */
export function azureHostFaults(path: string, profile: HostProfile | undefined): Fault[] {
  if (profile === undefined) return [];
  const wrong = Object.entries(profile.sysctls ?? {}).flatMap(([name, got]): Fault[] => {
    const at = `${path}.sysctls["${name}"]`;
    const known = SYSCTLS.get(name);
    if (known === undefined) {
      const allowed = [...SYSCTLS.keys()].join(", ");
      return [{ path: at, problem: "not a kernel setting that AKS sets", allowed }];
    }
    if (takes(name, got)) return [];
    const [least, most] = known.range ?? [0, 0];
    return [{ path: at, problem: "out of AKS' range", got, allowed: `${least} to ${most}` }];
  });
  return [
    ...profileFaults(path, profile),
    ...unsupportedFaults(path, profile, "AKS", {}),
    ...wrong,
  ];
}

function takes(name: string, value: string): boolean {
  const known = SYSCTLS.get(name);
  if (known?.range === undefined) return known !== undefined;
  const [least, most] = known.range;
  return Number(value) >= least && Number(value) <= most;
}

/** The value as AKS' API wants it. */
function typed(name: string, value: string): boolean | number | string {
  switch (name) {
    case "net.ipv4.ip_local_port_range":
      return value;
    case "net.ipv4.tcp_tw_reuse":
      return value !== "0";
    default:
      return Number(value);
  }
}
