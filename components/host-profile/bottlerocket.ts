import type { Fault } from "../shared/faults";
import { Smt } from "./host-profile";
import { hostDefaults, type HostProfilePlan } from "./plan";

/** The system has no shell and no swap, leaves KSM off, and has limits of its own for containers. */
const instead = "Amazon Linux 2023, or to leave it out";

/** Finds what a profile asks of a Bottlerocket host that its settings have no word for. */
export function bottlerocketFaults(path: string, plan: HostProfilePlan): Fault[] {
  const { hugepages, memlockMib, nestedVirtualization, nofile, nxHugePages, smt } = plan;
  const asked: [string, boolean][] = [
    ["hugepages.size", hugepages !== undefined && hugepages.sizeKib !== 2048],
    ["limits.memlockMib", memlockMib !== undefined],
    ["limits.nofile", nofile !== hostDefaults.nofile],
    ["nestedVirtualization", nestedVirtualization],
    ["nxHugePages", nxHugePages !== undefined],
    ["smt", smt === Smt.Off],
    ["ksm", plan.ksm],
    ["swap", plan.swap],
  ];
  const settings = asked
    .filter(([, isAsked]) => isAsked)
    .map(([field]) => ({
      path: `${path}.${field}`,
      problem: "not a setting that Bottlerocket has",
      fix: instead,
    }));
  return plan.assets === undefined ? settings : [...settings, assetFault(`${path}.assets`)];
}

/** Source: https://bottlerocket.dev/en/os/latest/concepts/bootstrap-containers/ */
function assetFault(path: string): Fault {
  const problem =
    "Bottlerocket runs no script; its bootstrap containers need an image of one's own, and hold the join up until they end";
  return { path, problem, fix: `${instead}: the node provisioner brings the files` };
}

/**
 * Renders the part of a profile that Bottlerocket takes as its settings (TOML): modules, kernel settings and 2 MiB
 * pages. The rest is either so by itself (no swap, no KSM) or {@link bottlerocketFaults}' to refuse.
 * Source: https://bottlerocket.dev/en/os/latest/api/settings/kernel/
 */
export function bottlerocketSettings(plan: HostProfilePlan): string {
  const { hugepages, kernelModules } = plan;
  const sysctls = {
    ...plan.sysctls,
    ...(hugepages?.sizeKib === 2048 && { "vm.nr_hugepages": String(hugepages.count) }),
  };
  const modules = kernelModules.flatMap((module) => [
    `[settings.kernel.modules.${module}]`,
    "allowed = true",
    "autoload = true",
    "",
  ]);
  const settings = Object.entries(sysctls).map(([name, value]) => `"${name}" = "${value}"`);
  return [...modules, "[settings.kernel.sysctl]", ...settings, ""].join("\n");
}
