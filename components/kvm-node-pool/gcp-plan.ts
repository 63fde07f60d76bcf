import { type Planned, planned } from "../shared/faults";
import { objectName } from "../shared/names";
import { findGcpMachine } from "./catalogue";
import { KvmAccess, type Machine } from "./catalogue/machine";
import {
  type GcpKvmNodePoolArgs,
  GkeImageType,
  GkeLocationPolicy,
  GkeUpgradeStrategy,
} from "./gcp-args";
import { capitalEffect } from "./effects";
import { gcpFaults } from "./gcp-faults";
import { type GkeHostConfig, gkeHostConfig } from "./gcp-host";
import { machineOf, planPool, type PoolPlan } from "./plan";
import type { Replacing } from "../shared/pool-name";

/** A pool on GKE, with every default filled in. */
export interface GcpPoolPlan extends PoolPlan {
  /** Id of the service account to make; undefined where one is given. */
  accountId: string | undefined;
  accountRoles: string[];
  autoRepair: boolean;
  autoUpgrade: boolean;
  diskGib: number;
  diskType: string;
  gkeTaints: { key: string; value: string; effect: string }[];
  host: GkeHostConfig;
  imageType: GkeImageType;
  /** Nodes that each zone starts with; never looked at again. */
  initialNodesPerZone: number;
  locationPolicy: GkeLocationPolicy;
  machineType: string;
  maxPodsPerNode: number;
  maxSurge: number;
  maxUnavailable: number;
  metadata: Record<string, string>;
  nested: boolean;
  networkTags: string[];
  /** What forces GKE to replace the pool, as far as it is plain. */
  replacing: Replacing;
  secureBoot: boolean;
  spot: boolean;
  tags: Record<string, string>;
  threadsPerCore: number | undefined;
  upgradeStrategy: GkeUpgradeStrategy;
  zones: string[];
}

/** What holds where an argument is left out. */
export const gcpDefaults = Object.freeze({
  accountRoles: Object.freeze([
    "roles/container.defaultNodeServiceAccount",
    "roles/artifactregistry.reader",
  ]),
  diskGib: 100,
  maxPodsPerNode: 110,
  maxSurge: 1,
  maxUnavailable: 0,
  metadata: Object.freeze({ "disable-legacy-endpoints": "true" }),
});

/** The longest name of a node pool. Source: https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/NodePool */
export const GKE_POOL_NAME = 40;

/** Plans a pool on GKE, or names everything that is wrong with its arguments. */
export function planGcpPool(name: string, args: GcpKvmNodePoolArgs): Planned<GcpPoolPlan> {
  const { machine, faults } = machineOf({
    path: "machineType",
    type: args.machineType,
    declared: args.machine,
    declaredPath: "machine",
    find: findGcpMachine,
  });
  return planned([...faults, ...gcpFaults(name, args, machine)], () =>
    filledIn(name, args, machine),
  );
}

function filledIn(
  name: string,
  args: GcpKvmNodePoolArgs,
  machine: Machine | undefined,
): GcpPoolPlan {
  const pool = planPool(name, args);
  const accountId = args.serviceAccount === undefined ? objectName([name, "nodes"], 30) : undefined;
  const nodes = planNodes(args, machine);
  return {
    ...pool,
    ...nodes,
    ...planUpgrades(args),
    accountId,
    accountRoles: args.serviceAccountRoles ?? [...gcpDefaults.accountRoles],
    gkeTaints: pool.taints.map(({ key, value, effect }) => ({
      key,
      value,
      effect: capitalEffect(effect),
    })),
    initialNodesPerZone: Math.ceil(pool.minNodes / args.zones.length),
    locationPolicy:
      args.locationPolicy ?? (args.spot ? GkeLocationPolicy.Any : GkeLocationPolicy.Balanced),
    replacing: {
      accountId,
      maxPodsPerNode: nodes.maxPodsPerNode,
      metadata: nodes.metadata,
      nested: nodes.nested,
      secureBoot: nodes.secureBoot,
      spot: nodes.spot,
      threadsPerCore: nodes.threadsPerCore,
    },
    zones: args.zones,
  };
}

function planNodes(args: GcpKvmNodePoolArgs, machine: Machine | undefined) {
  const machineType = machine?.type ?? "";
  return {
    diskGib: args.diskGib ?? gcpDefaults.diskGib,
    diskType: args.diskType ?? (machineType.startsWith("c4") ? "hyperdisk-balanced" : "pd-ssd"),
    host: gkeHostConfig(args.hostProfile),
    imageType: args.imageType ?? GkeImageType.Ubuntu,
    machineType,
    maxPodsPerNode: args.maxPodsPerNode ?? gcpDefaults.maxPodsPerNode,
    metadata: { ...gcpDefaults.metadata, ...args.metadata },
    nested: machine?.kvm === KvmAccess.Nested,
    networkTags: args.networkTags ?? [],
    secureBoot: args.secureBoot ?? true,
    spot: args.spot ?? false,
    tags: args.tags ?? {},
    threadsPerCore: args.threadsPerCore,
  };
}

function planUpgrades(args: GcpKvmNodePoolArgs) {
  return {
    autoRepair: args.autoRepair ?? true,
    autoUpgrade: args.autoUpgrade ?? false,
    maxSurge: args.maxSurge ?? gcpDefaults.maxSurge,
    maxUnavailable: args.maxUnavailable ?? gcpDefaults.maxUnavailable,
    upgradeStrategy: args.upgradeStrategy ?? GkeUpgradeStrategy.Surge,
  };
}
