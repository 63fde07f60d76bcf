import { type Host, HostRole } from "../cluster/bare-metal/args";
import { defaults } from "../cluster/bare-metal/defaults";
import { releaseFaults } from "../cluster/bare-metal/faults";
import { accessFaults, addressFaults, hostFaults } from "../cluster/bare-metal/host-faults";
import {
  distributionOf,
  type HostPlan,
  planHost,
  planRelease,
  type ReleasePlan,
} from "../cluster/bare-metal/plan";
import { nodeSkewFaults } from "../cluster/versions";
import { assetArchitectureFaults } from "../host-profile/assets";
import { type HostProfilePlan, planHostProfile } from "../host-profile/plan";
import { type Fault, type Planned, planned } from "../shared/faults";
import { MachineArchitecture } from "../shared/machine-architecture";
import { nodeContract } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import type { BareMetalKvmNodePoolArgs, KvmHost } from "./bare-metal-args";
import { providerFaults } from "./catalogue/providers";
import { planPool, poolFaults } from "./plan";

/** A pool, with every default filled in. */
export interface BareMetalPoolPlan {
  name: string;
  hosts: HostPlan[];
  /** Labels that the pool's nodes are found by. */
  labels: Record<string, string>;
  minimumDiskGib: number;
  profile: HostProfilePlan;
  release: ReleasePlan;
}

/** Plans a pool of one's own machines, or names everything that is wrong with its arguments. */
export function planBareMetalKvmNodePool(
  name: string,
  args: BareMetalKvmNodePoolArgs,
): Planned<BareMetalPoolPlan> {
  const profile = planHostProfile("profile", args.profile);
  const faults = [...argFaults(name, args), ...(profile.ok ? [] : profile.faults)];
  if (!profile.ok) return { ok: false, faults };
  return planned(faults, () => {
    const { labels, taints } = planPool(name, args);
    return {
      name,
      // The contract's labels come last: no label of a host's takes their place.
      hosts: args.hosts.map((host) => {
        const own = { ...args.labels, ...host.labels, ...labels };
        return planHost({ ...workerOf(host), labels: own }, taints, false);
      }),
      labels,
      minimumDiskGib: args.minimumDiskGib ?? defaults.minimumDiskGib,
      profile: profile.plan,
      release: planRelease(args.release),
    };
  });
}

function argFaults(name: string, args: BareMetalKvmNodePoolArgs): Fault[] {
  const { cluster, hosts } = args;
  const workers = hosts.map(workerOf);
  const none = { path: "hosts", problem: "empty", fix: "one machine or more" };
  return [
    ...poolFaults(name, { domain: args.domain, labels: args.labels, taints: args.taints }),
    ...accessFaults(args.access),
    ...(hosts.length === 0 ? [none] : []),
    ...hostFaults(workers, nodeContract(args.domain)),
    ...hosts.flatMap(({ provider }, index) =>
      providerFaults(`hosts[${String(index)}].provider`, provider),
    ),
    ...releaseFaults(args.release, workers, distributionOf(args.release.version)),
    ...assetArchitectureFaults(
      "profile",
      args.profile,
      hosts.map(({ architecture = MachineArchitecture.Amd64 }) => architecture),
    ),
    ...skewFaults(args),
    ...addressFaults("cluster.apiAddress", cluster.apiAddress),
    ...wholeNumberFaults("minimumDiskGib", args.minimumDiskGib, 1, 100_000),
  ];
}

/** The cluster's version is mostly known only once it runs; the first agent would then not become ready. */
function skewFaults({ cluster, release }: BareMetalKvmNodePoolArgs): Fault[] {
  const { kubernetesVersion } = cluster;
  if (typeof kubernetesVersion !== "string") return [];
  if (distributionOf(kubernetesVersion) !== distributionOf(release.version)) {
    const problem = `of another distribution than the cluster, which runs ${kubernetesVersion}`;
    return [{ path: "release.version", problem, got: release.version }];
  }
  return nodeSkewFaults("release.version", release.version, kubernetesVersion);
}

function workerOf(host: KvmHost): Host {
  return {
    name: host.name,
    address: host.address,
    hostKey: host.hostKey,
    role: HostRole.Worker,
    ...(host.architecture !== undefined && { architecture: host.architecture }),
    ...(host.labels !== undefined && { labels: host.labels }),
    ...(host.port !== undefined && { port: host.port }),
    ...(host.publicAddress !== undefined && { publicAddress: host.publicAddress }),
    ...(host.user !== undefined && { user: host.user }),
    ...(host.zone !== undefined && { zone: host.zone }),
  };
}
