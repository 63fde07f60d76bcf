import type { Fault } from "../shared/faults";

/** The version of Karpenter that everything here was written against. */
export const KARPENTER_VERSION = "1.14.1";

/** From which minor version of Karpenter on a minor version of Kubernetes is supported. */
export interface KubernetesSupport {
  kubernetes: string;
  /** The oldest minor version of Karpenter that runs there. */
  since: string;
}

/**
 * Which Karpenter a Kubernetes needs.
 * Source: https://karpenter.sh/docs/upgrading/compatibility/ (2026-08).
 */
export const KUBERNETES_SUPPORT: readonly KubernetesSupport[] = Object.freeze([
  { kubernetes: "1.32", since: "1.1" },
  { kubernetes: "1.33", since: "1.5" },
  { kubernetes: "1.34", since: "1.6" },
  { kubernetes: "1.35", since: "1.9" },
  { kubernetes: "1.36", since: "1.13" },
]);

/** A minor version of Karpenter that asks something of whoever upgrades to it. */
export interface UpgradeCliff {
  version: string;
  /** What is new there and what it needs. */
  needs: string;
}

/**
 * The upgrades of Karpenter that are more than a new image: each is done by this component, and none by Helm.
 * Source: https://karpenter.sh/docs/upgrading/upgrade-guide/ (2026-08).
 */
export const UPGRADE_CLIFFS: readonly UpgradeCliff[] = Object.freeze([
  { version: "1.7", needs: "iam:ListInstanceProfiles, and another path of instance profiles" },
  { version: "1.9", needs: "the controller's policy split into several, beyond one policy's size" },
  { version: "1.10", needs: "a fifth event rule, for interrupted capacity reservations" },
  { version: "1.11", needs: "permissions for placement groups" },
  { version: "1.12", needs: "ec2:DescribeInstanceStatus and the permission for zonal shifts" },
  { version: "1.13", needs: "nothing more; brings nested virtualisation and Kubernetes 1.36" },
  { version: "1.14", needs: "the definition of CapacityBuffers; brings balanced consolidation" },
]);

/** The oldest minor version that the permissions, rules and objects made here fit. */
const OLDEST = "1.12";
/** The newest one: what the next needs is not known. */
const NEWEST = "1.14";
/** The first minor version whose EC2NodeClass has `cpuOptions.nestedVirtualization`. */
const NESTED_SINCE = "1.13";
/** The first minor version that knows the consolidation policy `Balanced`. */
export const BALANCED_SINCE = "1.14";

/** What a version of Karpenter is to run with. */
export interface VersionUse {
  version: string;
  /** Minor version of the cluster, where it is known. */
  kubernetesVersion?: string;
  /** True where a pool's machines are virtual and run KVM all the same. */
  nested: boolean;
  /** True where a pool is consolidated by the policy `Balanced`. */
  balanced: boolean;
}

/** Checks that this Karpenter can be installed here, on this Kubernetes, for these pools. */
export function versionFaults(path: string, use: VersionUse): Fault[] {
  const { version } = use;
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(version)) {
    const allowed = "an exact version, as in " + KARPENTER_VERSION;
    return [{ path, problem: "not a version of Karpenter", got: version, allowed }];
  }
  const allowed = `${OLDEST}.0 to ${NEWEST}.x`;
  if (compareMinors(version, OLDEST) < 0) {
    return [{ path, problem: "older than what is made here is for", got: version, allowed }];
  }
  if (compareMinors(version, NEWEST) > 0) {
    const problem = "newer than is known here: it may need permissions that are not granted";
    return [{ path, problem, got: version, allowed }];
  }
  return [...kubernetesFaults(path, use), ...featureFaults(path, use)];
}

function kubernetesFaults(path: string, { version, kubernetesVersion }: VersionUse): Fault[] {
  if (kubernetesVersion === undefined) return [];
  const [oldest] = KUBERNETES_SUPPORT;
  const supported = KUBERNETES_SUPPORT.find(({ kubernetes }) => kubernetes === kubernetesVersion);
  if (supported === undefined) {
    const newer = oldest !== undefined && compareMinors(kubernetesVersion, oldest.kubernetes) > 0;
    const problem = newer
      ? "no Karpenter is known to run on this Kubernetes yet"
      : "not a Kubernetes that Karpenter runs on";
    const allowed = KUBERNETES_SUPPORT.map(({ kubernetes }) => kubernetes).join(", ");
    return [{ path: "kubernetesVersion", problem, got: kubernetesVersion, allowed }];
  }
  if (compareMinors(version, supported.since) >= 0) return [];
  return [
    {
      path,
      problem: `cannot run on Kubernetes ${kubernetesVersion}`,
      got: version,
      allowed: `${supported.since}.0 or newer`,
      fix: `"${KARPENTER_VERSION}", before the cluster is upgraded`,
    },
  ];
}

function featureFaults(path: string, { version, nested, balanced }: VersionUse): Fault[] {
  const faults: Fault[] = [];
  if (nested && compareMinors(version, NESTED_SINCE) < 0) {
    const problem = "cannot turn nested virtualisation on";
    faults.push({ path, problem, got: version, allowed: `${NESTED_SINCE}.0 or newer` });
  }
  if (balanced && compareMinors(version, BALANCED_SINCE) < 0) {
    const problem = "does not know balanced consolidation";
    faults.push({ path, problem, got: version, allowed: `${BALANCED_SINCE}.0 or newer` });
  }
  return faults;
}

/** Compares two versions by major and minor number alone. */
export function compareMinors(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split(".").map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split(".").map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}
