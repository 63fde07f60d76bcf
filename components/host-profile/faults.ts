import { installerFaults } from "../node-provisioner/script/provision-script";
import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { type HostProfile, HugepageSize, NxHugePages, Smt } from "./host-profile";

/** The most files a process may have open unless `fs.nr_open` says otherwise: the kernel's own bound. */
export const MOST_OPEN_FILES = 1_048_576;

/** More than the largest machine has in 2 MiB pages: 32 TiB. */
const MOST_HUGEPAGES = 16_777_216;

/** Finds everything that is wrong with a profile; `sysctls` are its own laid over the defaults. */
export function hostProfileFaults(
  profile: HostProfile,
  sysctls: Readonly<Record<string, string>>,
): Fault[] {
  return [
    ...assetFaults(profile),
    ...hugepageFaults(profile),
    ...moduleFaults(profile.kernelModules ?? []),
    ...limitFaults(profile, sysctls),
    ...memberFaults("nxHugePages", profile.nxHugePages, Object.values(NxHugePages)),
    ...memberFaults("smt", profile.smt, Object.values(Smt)),
    ...Object.entries(profile.sysctls ?? {}).flatMap(sysctlFaults),
    ...neighbourFaults(sysctls),
  ];
}

function assetFaults({ assets, assetsRoot }: HostProfile): Fault[] {
  if (assets !== undefined) return installerFaults("", assets, assetsRoot);
  if (assetsRoot === undefined) return [];
  return [{ path: "assetsRoot", problem: "given without assets", got: assetsRoot }];
}

function hugepageFaults({ hugepages }: HostProfile): Fault[] {
  if (hugepages === undefined) return [];
  return [
    ...wholeNumberFaults("hugepages.count", hugepages.count, 1, MOST_HUGEPAGES),
    ...memberFaults("hugepages.size", hugepages.size, Object.values(HugepageSize)),
  ];
}

function moduleFaults(modules: readonly string[]): Fault[] {
  return modules.flatMap((got, index) => {
    const path = `kernelModules[${String(index)}]`;
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,55}$/.test(got)) {
      return [
        { path, problem: "not the name of a kernel module", got, allowed: "as in vhost_net" },
      ];
    }
    const plain = got.replaceAll("-", "_");
    if (plain === "kvm_intel" || plain === "kvm_amd") {
      const fix = "to leave it out: the one that fits the processor is always loaded";
      return [{ path, problem: "the processor decides which of kvm_intel and kvm_amd", got, fix }];
    }
    const first = modules.findIndex((other) => other.replaceAll("-", "_") === plain);
    return first === index ? [] : [{ path, problem: "named twice", got }];
  });
}

function limitFaults({ limits }: HostProfile, sysctls: Readonly<Record<string, string>>): Fault[] {
  const bound = Number(sysctls["fs.nr_open"] ?? MOST_OPEN_FILES);
  const most = Number.isInteger(bound) ? bound : MOST_OPEN_FILES;
  const faults = wholeNumberFaults("limits.nofile", limits?.nofile, 2048, most);
  const fix = 'to raise sysctls["fs.nr_open"] as well';
  const isOver = limits?.nofile !== undefined && limits.nofile > most;
  return [
    ...wholeNumberFaults("limits.memlockMib", limits?.memlockMib, 1, 2 ** 25),
    ...faults.map((fault) => (isOver ? { ...fault, fix } : fault)),
  ];
}

/** Settings that another field of the profile is for, or that would undo the profile. */
const reserved: Readonly<Record<string, string>> = {
  "kernel.modules_disabled": "to leave it out: no module of the profile could be loaded any more",
  "vm.nr_hugepages": "hugepages",
  "vm.nr_hugepages_mempolicy": "hugepages",
};

function sysctlFaults([name, got]: [string, string]): Fault[] {
  const path = `sysctls["${name}"]`;
  const fix = reserved[name];
  if (fix !== undefined) return [{ path, problem: "not for a profile to set here", got, fix }];
  const faults: Fault[] = [];
  // A part that is made of dots alone would climb out of /proc/sys.
  if (!/^[a-z]+(\.[A-Za-z0-9_-]+)+$/.test(name) || name.length > 128) {
    faults.push({
      path,
      problem: "not the name of a kernel setting",
      allowed: "as in vm.max_map_count",
    });
  }
  if (
    typeof got !== "string" ||
    !/^[A-Za-z0-9_.,:;%/=+@-]+( [A-Za-z0-9_.,:;%/=+@-]+)*$/.test(got)
  ) {
    const allowed = "one line of letters, digits, blanks between them and _.,:;%/=+@-";
    faults.push({ path, problem: "not a value that can be set safely", got, allowed });
  } else if (got.length > 255) {
    faults.push({ path, problem: "too long", got, allowed: "at most 255 characters" });
  }
  return faults;
}

/** The kernel collects neighbours from the first threshold on, and refuses new ones at the third. */
function neighbourFaults(sysctls: Readonly<Record<string, string>>): Fault[] {
  return ["ipv4", "ipv6"].flatMap((family) => {
    const key = `net.${family}.neigh.default.gc_thresh`;
    const values = [1, 2, 3].map((n) => Number(sysctls[`${key}${String(n)}`] ?? Number.NaN));
    const [first = NaN, second = NaN, third = NaN] = values;
    if (!(first > second) && !(second > third)) return [];
    const problem = `contradict each other: ${values.join(", ")}`;
    return [{ path: `sysctls["${key}1..3"]`, problem, allowed: "thresholds that rise" }];
  });
}
