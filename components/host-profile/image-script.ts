import { renderFaults } from "../shared/faults";
import { bakeAssets } from "./assets";
import { hostFiles } from "./files";
import type { HostProfile } from "./host-profile";
import { type HostProfilePlan, planHostProfile } from "./plan";
import { WRITE_FUNCTIONS, writeFiles } from "./shell";

/**
 * Renders a profile as a provisioner script for a machine image: what Packer's `shell` provisioner runs as root. A
 * machine of the image boots with the profile and has its assets, which its provisioner proves and need not download; the
 * machine that bakes it needs no `/dev/kvm` and is not changed otherwise. `KVM_FABRIC_ROOT` is the folder of an image that
 * is mounted, and `MACHINE` its architecture where that is another than the baking machine's (`x86_64` or `aarch64`).
 * Throws one error that names every fault of the profile.
 */
export function hostImageScript(profile: HostProfile = {}): string {
  const result = planHostProfile("", profile);
  if (!result.ok) throw new Error(renderFaults("the host profile has faults:", result.faults));
  return renderImageScript(result.plan);
}

/** The script of {@link hostImageScript} for a profile that is planned already. */
export function renderImageScript(plan: HostProfilePlan): string {
  const checks = plan.kernelModules.map((module) => `check_module ${module}`);
  return [
    WRITE_FUNCTIONS,
    CHECK_FUNCTION,
    ...checks,
    writeFiles(hostFiles(plan)),
    `mask_swap ${plan.swap ? "no" : "yes"}`,
    ...(plan.assets === undefined ? [] : [bakeAssets(plan.assets)]),
    "",
  ].join("\n");
}

const CHECK_FUNCTION = `check_module() {
  modprobe -n "$1" 2>/dev/null ||
    fail "the image's kernel has no module $1: install the extra modules of kernel $(uname -r), or leave it out of kernelModules"
}
`;
