import { type HostProfile, Smt } from "../host-profile/host-profile";
import { hostDefaults, planHostProfile } from "../host-profile/plan";
import type { Fault } from "../shared/faults";

/** What is wrong with a profile wherever it is used. */
export function profileFaults(path: string, profile: HostProfile | undefined): Fault[] {
  const result = planHostProfile(path, profile);
  return result.ok ? [] : result.faults;
}

/**
 * Refuses what a managed cloud's node configuration has no field for. What a profile says that is so by itself (no
 * swap, no merging of pages) passes.
 */
export function unsupportedFaults(
  path: string,
  profile: HostProfile,
  cloud: string,
  fixes: Readonly<Record<string, string>>,
): Fault[] {
  const asked: [string, boolean][] = [
    ["assets", profile.assets !== undefined],
    ["hugepages", profile.hugepages !== undefined && !("hugepages" in fixes)],
    ["kernelModules", profile.kernelModules !== undefined],
    ["ksm", profile.ksm === true],
    ["limits", profile.limits !== undefined],
    ["nestedVirtualization", profile.nestedVirtualization === true],
    ["nxHugePages", profile.nxHugePages !== undefined],
    ["smt", profile.smt === Smt.Off],
    ["swap", profile.swap === true],
  ];
  return asked
    .filter(([, isAsked]) => isAsked)
    .map(([field]) => ({
      path: `${path}.${field}`,
      problem: `not in ${cloud}'s node configuration, and nodes run no script at their start`,
      fix:
        fixes[field] ?? left[field] ?? "to leave it out: the node provisioner loads what KVM needs",
    }));
}

/** What a field that is left out is done by instead, on a cloud that says nothing better. */
const left: Readonly<Record<string, string>> = {
  assets: "to leave it out: the node provisioner brings the files once the node has joined",
};

/** The profile's kernel settings: the user's own, and the defaults that the cloud takes. */
export function sysctlsOf(
  profile: HostProfile | undefined,
  takes: (name: string, value: string) => boolean,
): Record<string, string> {
  if (profile === undefined) return {};
  const defaults = Object.entries(hostDefaults.sysctls).filter(([name, value]) =>
    takes(name, value),
  );
  return { ...Object.fromEntries(defaults), ...profile.sysctls };
}
