import type { AssetSet } from "../node-provisioner/asset-set";

/** The size of a huge page. */
export const HugepageSize = {
  /** 2 MiB: can be had while the host runs, as long as its memory is not cut to pieces. */
  Mib2: "2Mi",
  /** 1 GiB: only soon after boot is there enough memory in one piece. */
  Gib1: "1Gi",
} as const;
/** See the members of the constant of the same name. */
export type HugepageSize = (typeof HugepageSize)[keyof typeof HugepageSize];

/** Whether a core runs two threads at a time, which guests can listen to each other through. */
export const Smt = {
  /** As the machine comes. */
  Unchanged: "unchanged",
  /** One thread a core: half the vCPUs, no leak between siblings. */
  Off: "off",
} as const;
/** See the members of the constant of the same name. */
export type Smt = (typeof Smt)[keyof typeof Smt];

/** How KVM backs huge pages that a guest executes (the iTLB multihit erratum, CVE-2018-12207). */
export const NxHugePages = {
  /** The kernel decides by the processor. */
  Auto: "auto",
  /** Always split. */
  Force: "force",
  /** Never split: restores quick microVM starts on Linux 6.1. Only on processors without the erratum. */
  Never: "never",
} as const;
/** See the members of the constant of the same name. */
export type NxHugePages = (typeof NxHugePages)[keyof typeof NxHugePages];

/** Memory that is set aside for guests in huge pages. */
export interface Hugepages {
  /** How many pages are set aside on each host. */
  count: number;
  /** Size of a page. Defaults to `HugepageSize.Mib2`. */
  size?: HugepageSize;
}

/** What one process may use. */
export interface HostLimits {
  /** Memory that a process may lock, in MiB. Defaults to the system's own limit. */
  memlockMib?: number;
  /** Files that a process may have open. Defaults to 1048576, which is also the most unless `fs.nr_open` is raised. */
  nofile?: number;
}

/**
 * What a KVM host looks like below Kubernetes: modules, kernel settings, memory, limits. Each default is what
 * Firecracker asks of a host in production.
 *
 * A managed cloud cannot set all of it. EKS nodes of Amazon Linux take everything, by user data; Bottlerocket takes
 * modules, sysctls and 2 MiB pages alone; GKE and AKS take what their node configuration has a field for, and refuse the
 * rest, assets among it. Machines of one's own take everything.
 * Source: https://github.com/firecracker-microvm/firecracker/blob/main/docs/prod-host-setup.md
 */
export interface HostProfile {
  /**
   * Files that each host brings while it starts, beside its way into the cluster: the provisioner's `assets`, laid out as
   * the provisioner does, which then proves them and downloads nothing. In an image script they become part of the image.
   * Mirrors are servers and folders of the host alone. Defaults to none: the provisioner downloads.
   */
  assets?: AssetSet;
  /** Folder that receives the assets, as the provisioner and the workers are told it. Defaults to "/var/lib/kvm-fabric". */
  assetsRoot?: string;
  /** Memory in huge pages. Defaults to none. */
  hugepages?: Hugepages;
  /**
   * Kernel modules that are loaded beside `kvm` and the processor's own (`kvm_intel` or `kvm_amd`, whichever loads).
   * Defaults to tun, vhost_net and vhost_vsock.
   */
  kernelModules?: string[];
  /** Leaves the merging of equal pages on; guests then can tell what others hold in memory. Defaults to false: off. */
  ksm?: boolean;
  /** What one process may use. Defaults to what {@link HostLimits} says. */
  limits?: HostLimits;
  /** Lets guests run KVM themselves: `nested=1` for `kvm_intel` and `kvm_amd`. Defaults to false: `nested=0`. */
  nestedVirtualization?: boolean;
  /** How KVM backs huge pages that a guest executes. Defaults to the kernel's own choice, unset. */
  nxHugePages?: NxHugePages;
  /** Whether a core runs two threads at a time. Defaults to `Smt.Unchanged`. */
  smt?: Smt;
  /** Leaves swap on; guests' memory then reaches a disk. Defaults to false: off. */
  swap?: boolean;
  /**
   * Kernel settings by name, as in `net.core.somaxconn`; each is set over, not instead of, the defaults. Defaults to
   * ARP tables for 16384 neighbours (`net.ipv4.neigh.default.gc_thresh1` to `3`: 4096, 8192, 16384),
   * `fs.inotify.max_user_instances` 8192, `fs.inotify.max_user_watches` 524288, `kernel.pid_max` 4194304 and
   * `vm.max_map_count` 1048576.
   */
  sysctls?: Record<string, string>;
}
