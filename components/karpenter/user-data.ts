import type { Input } from "@pulumi/pulumi";
import { assetArchitectureFaults } from "../host-profile/assets";
import { bootScript } from "../host-profile/boot-script";
import { bottlerocketFaults, bottlerocketSettings } from "../host-profile/bottlerocket";
import { planHostProfile, type HostProfilePlan } from "../host-profile/plan";
import { mimeUserData, userDataFaults as sizeFaults } from "../host-profile/user-data";
import type { Fault } from "../shared/faults";
import type { MachineArchitecture } from "../shared/machine-architecture";
import { KarpenterImageFamily, type KarpenterPool } from "./args";

/** What Karpenter itself tells a node: its cluster with the certificate, labels, taints, the kubelet's settings. */
const KARPENTER_BYTES = 3584;

/** Finds what is wrong with what a pool's nodes do when they boot. */
export function userDataFaults(
  path: string,
  { hostProfile, userData }: KarpenterPool,
  family: KarpenterImageFamily | undefined,
  architectures: readonly MachineArchitecture[],
): Fault[] {
  const at = `${path}.hostProfile`;
  if (userData !== undefined) {
    if (hostProfile === undefined) return [];
    const problem = "would be replaced by userData";
    return [{ path: at, problem, allowed: "either of the two" }];
  }
  const profile = planHostProfile(at, hostProfile);
  if (!profile.ok) return profile.faults;
  if (family === KarpenterImageFamily.Bottlerocket) return bottlerocketFaults(at, profile.plan);
  const script = () => bootScript(profile.plan);
  return [
    ...assetArchitectureFaults(at, hostProfile, architectures),
    ...sizeFaults(`${at}.assets`, shellUserData(profile.plan), KARPENTER_BYTES, script),
  ];
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
      return shellUserData(profile);
    case KarpenterImageFamily.Bottlerocket:
      return bottlerocketSettings(profile);
    default:
      return family satisfies never;
  }
}

function shellUserData(profile: HostProfilePlan): string {
  return mimeUserData([{ contentType: "text/x-shellscript", body: bootScript(profile) }]);
}
