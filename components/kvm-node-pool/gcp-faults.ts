import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { LEAST_COS_VERSION, RESERVED_METADATA } from "./catalogue/gcp";
import { KvmAccess, type Machine } from "./catalogue/machine";
import {
  type GcpKvmNodePoolArgs,
  GkeClusterMode,
  GkeImageType,
  GkeLocationPolicy,
  GkeUpgradeStrategy,
} from "./gcp-args";
import { gkeHostFaults } from "./gcp-host";
import { emptyFaults, poolFaults } from "./plan";

/** Finds everything that is wrong with the arguments of a pool on GKE but its machine. */
export function gcpFaults(
  name: string,
  args: GcpKvmNodePoolArgs,
  machine: Machine | undefined,
): Fault[] {
  return [
    ...poolFaults(name, args),
    ...modeFaults(args.clusterMode),
    ...memberFaults("imageType", args.imageType, Object.values(GkeImageType)),
    ...versionFaults(args),
    ...zoneFaults(args.zones),
    ...threadFaults(args, machine),
    ...spotFaults(args, machine),
    ...metadataFaults(args.metadata ?? {}),
    ...accountFaults(args),
    ...upgradeFaults(args),
    ...wholeNumberFaults("diskGib", args.diskGib, 20, 65_536),
    ...wholeNumberFaults("maxPodsPerNode", args.maxPodsPerNode, 8, 256),
    ...gkeHostFaults("hostProfile", args.hostProfile),
  ];
}

function modeFaults(got: GkeClusterMode | undefined): Fault[] {
  if (got !== GkeClusterMode.Autopilot) {
    return memberFaults("clusterMode", got, [GkeClusterMode.Standard]);
  }
  const problem = "Autopilot's nodes have no nested virtualisation, and it takes no node pools";
  return [{ path: "clusterMode", problem, got, fix: "a GKE Standard cluster" }];
}

/** A version that is only known later cannot be checked here. */
function versionFaults({ version, imageType }: GcpKvmNodePoolArgs): Fault[] {
  const got: unknown = version;
  if (got === undefined) return [{ path: "version", problem: "missing" }];
  if (typeof got !== "string") return [];
  const numbers = versionNumbers(got);
  if (numbers === undefined) {
    const problem = "not a whole version, which would let nodes change by themselves";
    return [{ path: "version", problem, got, allowed: "as in 1.36.3-gke.1640000" }];
  }
  const least = versionNumbers(LEAST_COS_VERSION) ?? [];
  if (imageType !== GkeImageType.ContainerOptimized || !before(numbers, least)) return [];
  const problem = "Container-Optimized OS of this version has no nested virtualisation";
  const fix = `${LEAST_COS_VERSION} or later, or imageType "${GkeImageType.Ubuntu}"`;
  return [{ path: "version", problem, got, fix }];
}

function versionNumbers(version: string): number[] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)-gke\.(\d+)$/.exec(version);
  return match?.slice(1).map(Number);
}

function before(one: readonly number[], other: readonly number[]): boolean {
  const index = one.findIndex((number, at) => number !== other[at]);
  return index !== -1 && (one[index] ?? 0) < (other[index] ?? 0);
}

function zoneFaults(zones: string[]): Fault[] {
  const fix = "a zone of the cluster's region, as in europe-west1-b";
  const wrong = (Array.isArray(zones) ? zones : []).flatMap((got, index) =>
    got === "" || /^[a-z]+-[a-z]+[0-9]+-[a-z]$/.test(got)
      ? []
      : [{ path: `zones[${String(index)}]`, problem: "not a zone of Google Cloud", got, fix }],
  );
  return [...emptyFaults("zones", zones, fix), ...wrong];
}

function threadFaults({ threadsPerCore }: GcpKvmNodePoolArgs, machine?: Machine): Fault[] {
  const path = "threadsPerCore";
  if (machine?.kvm === KvmAccess.Metal) {
    if (threadsPerCore === undefined) return [];
    return [{ path, problem: "has no meaning on a metal machine", got: threadsPerCore }];
  }
  if (threadsPerCore === undefined) {
    const problem = "missing, and the provider would send 0, which Google refuses";
    return [{ path, problem, fix: "2, or 1 to switch multithreading off" }];
  }
  return wholeNumberFaults(path, threadsPerCore, 1, 2);
}

function spotFaults({ spot }: GcpKvmNodePoolArgs, machine?: Machine): Fault[] {
  if (spot !== true || machine?.kvm !== KvmAccess.Metal) return [];
  const fix = "spot false, or a machine with nested virtualisation";
  return [{ path: "spot", problem: "metal machines are not sold as spot", got: true, fix }];
}

function metadataFaults(metadata: Record<string, string>): Fault[] {
  return Object.keys(metadata)
    .filter((key) => RESERVED_METADATA.includes(key))
    .map((key) => ({
      path: `metadata["${key}"]`,
      problem: "a key that GKE keeps for itself: nodes run no script of yours at their start",
      fix: "hostProfile, or the node provisioner",
    }));
}

function accountFaults({ serviceAccount, serviceAccountRoles }: GcpKvmNodePoolArgs): Fault[] {
  const path = "serviceAccountRoles";
  if (serviceAccountRoles === undefined) return [];
  if (serviceAccount !== undefined) {
    return [{ path, problem: "has no meaning with a service account of your own" }];
  }
  const wide = /^roles\/(owner|editor|viewer)$/;
  const wrong = serviceAccountRoles.flatMap((got, index) =>
    wide.test(got)
      ? [{ path: `${path}[${String(index)}]`, problem: "a role over the whole project", got }]
      : [],
  );
  return [...emptyFaults(path, serviceAccountRoles, "to leave it out"), ...wrong];
}

function upgradeFaults(args: GcpKvmNodePoolArgs): Fault[] {
  const { maxSurge, maxUnavailable, upgradeStrategy } = args;
  const still = (maxSurge ?? 1) === 0 && (maxUnavailable ?? 0) === 0;
  const surgeOnly = (["maxSurge", "maxUnavailable"] as const)
    .filter((path) => args[path] !== undefined)
    .map((path) => ({ path, problem: "has no meaning with blue-green upgrades" }));
  return [
    ...memberFaults("upgradeStrategy", upgradeStrategy, Object.values(GkeUpgradeStrategy)),
    ...memberFaults("locationPolicy", args.locationPolicy, Object.values(GkeLocationPolicy)),
    ...wholeNumberFaults("maxSurge", maxSurge, 0, 20),
    ...wholeNumberFaults("maxUnavailable", maxUnavailable, 0, 20),
    ...(still
      ? [{ path: "maxSurge", problem: "0 like maxUnavailable: no upgrade could go on" }]
      : []),
    ...(upgradeStrategy === GkeUpgradeStrategy.BlueGreen ? surgeOnly : []),
  ];
}
