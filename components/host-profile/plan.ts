import { type Planned, planned, under } from "../shared/faults";
import { type AssetSet, assetSetId } from "../node-provisioner/asset-set";
import { DEFAULT_ASSETS_ROOT } from "../node-provisioner/assets-root";
import { hostProfileFaults, MOST_OPEN_FILES } from "./faults";
import { type HostProfile, HugepageSize, type NxHugePages, Smt } from "./host-profile";

/** A host profile with every default filled in. */
export interface HostProfilePlan {
  /** Undefined where the provisioner brings the files. */
  assets: HostAssetsPlan | undefined;
  /** Undefined where no memory is set aside. */
  hugepages: HugepagesPlan | undefined;
  /** Modules to load, `kvm` first; the processor's own comes on top. */
  kernelModules: string[];
  ksm: boolean;
  /** Undefined keeps the system's own limit. */
  memlockMib: number | undefined;
  nestedVirtualization: boolean;
  nofile: number;
  /** Undefined keeps the kernel's own choice. */
  nxHugePages: NxHugePages | undefined;
  smt: Smt;
  swap: boolean;
  /** By name, sorted. */
  sysctls: Record<string, string>;
}

/** Files that a host brings by itself. */
export interface HostAssetsPlan {
  /** The asset set's. */
  id: string;
  root: string;
  set: AssetSet;
}

/** Memory in huge pages. */
export interface HugepagesPlan {
  count: number;
  sizeKib: number;
}

/** What holds where an argument is left out. */
export const hostDefaults = Object.freeze({
  kernelModules: ["tun", "vhost_net", "vhost_vsock"],
  nofile: MOST_OPEN_FILES,
  sysctls: Object.freeze({
    "fs.inotify.max_user_instances": "8192",
    "fs.inotify.max_user_watches": "524288",
    // Each virtual processor of each guest is a thread.
    "kernel.pid_max": "4194304",
    // Each tap device is a neighbour; a full table drops packets of all of them.
    "net.ipv4.neigh.default.gc_thresh1": "4096",
    "net.ipv4.neigh.default.gc_thresh2": "8192",
    "net.ipv4.neigh.default.gc_thresh3": "16384",
    // A guest that is restored from a snapshot has its memory mapped in many pieces.
    "vm.max_map_count": "1048576",
  }),
});

/** Plans a host profile, or names everything that is wrong with it, below the path of the argument. */
export function planHostProfile(path: string, profile: HostProfile = {}): Planned<HostProfilePlan> {
  const sysctls = { ...hostDefaults.sysctls, ...profile.sysctls };
  const faults = hostProfileFaults(profile, sysctls);
  return planned(path === "" ? faults : under(path, faults), () => ({
    assets: planAssets(profile),
    hugepages: planHugepages(profile),
    kernelModules: planModules(profile.kernelModules ?? hostDefaults.kernelModules),
    ksm: profile.ksm ?? false,
    memlockMib: profile.limits?.memlockMib,
    nestedVirtualization: profile.nestedVirtualization ?? false,
    nofile: profile.limits?.nofile ?? hostDefaults.nofile,
    nxHugePages: profile.nxHugePages,
    smt: profile.smt ?? Smt.Unchanged,
    swap: profile.swap ?? false,
    sysctls: Object.fromEntries(
      Object.entries(sysctls).sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
  }));
}

function planAssets({ assets: set, assetsRoot }: HostProfile): HostAssetsPlan | undefined {
  if (set === undefined) return undefined;
  return { id: assetSetId(set), root: assetsRoot ?? DEFAULT_ASSETS_ROOT, set };
}

function planHugepages({ hugepages }: HostProfile): HugepagesPlan | undefined {
  if (hugepages === undefined) return undefined;
  const sizeKib = hugepages.size === HugepageSize.Gib1 ? 1_048_576 : 2048;
  return { count: hugepages.count, sizeKib };
}

/** The kernel writes underscores, whatever a module was asked for by. */
function planModules(modules: readonly string[]): string[] {
  return [...new Set(["kvm", ...modules.map((module) => module.replaceAll("-", "_"))])];
}
