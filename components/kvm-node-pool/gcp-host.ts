import { type HostProfile, HugepageSize } from "../host-profile/host-profile";
import type { Fault } from "../shared/faults";
import { profileFaults, sysctlsOf, unsupportedFaults } from "./host-fields";

/** The part of a host profile that GKE takes. */
export interface GkeHostConfig {
  hugepagesConfig?: { hugepageSize1g?: number; hugepageSize2m?: number };
  sysctls?: Record<string, string>;
}

/**
 * The kernel settings that GKE sets on nodes.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/node-system-config#sysctl-options
 */
const SYSCTLS = new Set([
  "fs.aio-max-nr",
  "fs.file-max",
  "fs.inotify.max_user_instances",
  "fs.inotify.max_user_watches",
  "fs.nr_open",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "net.core.busy_poll",
  "net.core.busy_read",
  "net.core.netdev_max_backlog",
  "net.core.optmem_max",
  "net.core.rmem_default",
  "net.core.rmem_max",
  "net.core.somaxconn",
  "net.core.wmem_default",
  "net.core.wmem_max",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_tw_reuse",
  "net.ipv4.tcp_wmem",
  "net.ipv6.conf.all.disable_ipv6",
  "net.ipv6.conf.default.disable_ipv6",
  "net.netfilter.nf_conntrack_acct",
  "net.netfilter.nf_conntrack_buckets",
  "net.netfilter.nf_conntrack_max",
  "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
  "net.netfilter.nf_conntrack_tcp_timeout_established",
  "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
  "vm.max_map_count",
]);

/** Renders what GKE takes of a profile; nothing without one. */
export function gkeHostConfig(profile: HostProfile | undefined): GkeHostConfig {
  const { hugepages } = profile ?? {};
  const sysctls = sysctlsOf(profile, (name) => SYSCTLS.has(name));
  const key = hugepages?.size === HugepageSize.Gib1 ? "hugepageSize1g" : "hugepageSize2m";
  return {
    ...(hugepages !== undefined && { hugepagesConfig: { [key]: hugepages.count } }),
    ...(Object.keys(sysctls).length > 0 && { sysctls }),
  };
}

/** Refuses what GKE cannot give a node. */
export function gkeHostFaults(path: string, profile: HostProfile | undefined): Fault[] {
  if (profile === undefined) return [];
  const assets =
    "to leave it out: the node provisioner brings the files once the node has joined, from a mirror near by";
  const fixes = { assets, hugepages: "", smt: "threadsPerCore 1" };
  const unknown = Object.keys(profile.sysctls ?? {})
    .filter((name) => !SYSCTLS.has(name))
    .map((name) => ({
      path: `${path}.sysctls["${name}"]`,
      problem: "not a kernel setting that GKE sets",
      allowed: [...SYSCTLS].join(", "),
    }));
  return [
    ...profileFaults(path, profile),
    ...unsupportedFaults(path, profile, "GKE", fixes),
    ...unknown,
  ];
}
