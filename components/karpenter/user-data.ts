import type { Input } from "@pulumi/pulumi";
import { bottlerocketFaults, bottlerocketSettings } from "../host-profile/bottlerocket";
import { planHostProfile, type HostProfilePlan } from "../host-profile/plan";
import { hostProfileScript } from "../host-profile/script";
import { mimeUserData } from "../host-profile/user-data";
import type { Fault } from "../shared/faults";
import { KarpenterImageFamily, type KarpenterPool } from "./args";

/** Finds what is wrong with what a pool's nodes do when they boot. */
export function userDataFaults(
  path: string,
  { hostProfile, userData }: KarpenterPool,
  family: KarpenterImageFamily | undefined,
): Fault[] {
  if (userData !== undefined) {
    if (hostProfile === undefined) return [];
    const problem = "would be replaced by userData";
    return [{ path: `${path}.hostProfile`, problem, allowed: "either of the two" }];
  }
  const profile = planHostProfile(`${path}.hostProfile`, hostProfile);
  if (!profile.ok) return profile.faults;
  return family === KarpenterImageFamily.Bottlerocket
    ? bottlerocketFaults(`${path}.hostProfile`, profile.plan)
    : [];
}

/**
 * What a pool's nodes do when they boot: their host profile, as the operating system takes it. Karpenter adds what a
 * node needs to join the cluster.
 * Source: https://karpenter.sh/v1.14/concepts/nodeclasses/#specuserdata
 */
export function poolUserData(pool: KarpenterPool, family: KarpenterImageFamily): Input<string> {
  if (pool.userData !== undefined) return pool.userData;
  const profile = planHostProfile("hostProfile", pool.hostProfile);
  return profile.ok ? rendered(profile.plan, family) : "";
}

function rendered(profile: HostProfilePlan, family: KarpenterImageFamily): string {
  switch (family) {
    case KarpenterImageFamily.AmazonLinux2023:
      return mimeUserData([
        { contentType: "text/x-shellscript", body: hostProfileScript(profile) },
      ]);
    case KarpenterImageFamily.Bottlerocket:
      return bottlerocketSettings(profile);
    default:
      return family satisfies never;
  }
}
