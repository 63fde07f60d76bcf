import type { HostProfile } from "../../../../components/host-profile/host-profile";
import { type HostProfilePlan, planHostProfile } from "../../../../components/host-profile/plan";
import { renderFault } from "../../../../components/shared/faults";

/** The plan of a profile without faults. */
export function planOf(profile: HostProfile = {}): HostProfilePlan {
  const result = planHostProfile("hostProfile", profile);
  if (!result.ok) throw new Error(result.faults.map(renderFault).join("\n"));
  return result.plan;
}
