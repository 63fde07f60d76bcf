import { type Planned, planned } from "../shared/faults";
import { type AksHostConfig, aksHostConfig } from "./azure-host";
import { findAzureMachine } from "./catalogue";
import type { Machine } from "./catalogue/machine";
import { AksImage, AksOsDisk, type AzureKvmNodePoolArgs } from "./azure-args";
import { azureFaults, hasRoomOnHost } from "./azure-faults";
import { machineOf, planPool, type PoolPlan } from "./plan";
import type { Replacing } from "../shared/pool-name";

/** A pool on AKS, with every default filled in. */
export interface AzurePoolPlan extends PoolPlan {
  diskGib: number;
  encryptionAtHost: boolean;
  host: AksHostConfig;
  image: AksImage;
  maxPodsPerNode: number;
  maxSurge: string;
  /** Taints as AKS writes them: without the startup taint, which nobody could take away again. */
  nodeTaints: string[];
  osDisk: AksOsDisk;
  /** What AKS refuses to change in place, as far as it is plain. */
  replacing: Replacing;
  /** The highest price paid, in US dollars an hour; undefined where machines stay. */
  spotMaxPrice: number | undefined;
  tags: Record<string, string>;
  vmSize: string;
  zones: string[];
}

/** What holds where an argument is left out. */
export const azureDefaults = Object.freeze({
  diskGib: 128,
  maxPodsPerNode: 110,
  maxSurge: "1",
  spotMaxPrice: -1,
});

/** The label and the taint that AKS puts on spot nodes by itself: said here, so that previews and diffs agree. */
const SPOT = { key: "kubernetes.azure.com/scalesetpriority", value: "spot" } as const;

/** Plans a pool on AKS, or names everything that is wrong with its arguments. */
export function planAzurePool(name: string, args: AzureKvmNodePoolArgs): Planned<AzurePoolPlan> {
  const { machine, faults } = machineOf({
    path: "vmSize",
    type: args.vmSize,
    declared: args.machine,
    declaredPath: "machine",
    find: findAzureMachine,
  });
  return planned([...faults, ...azureFaults(name, args, machine)], () =>
    filledIn(name, args, machine?.type ?? ""),
  );
}

function filledIn(
  name: string,
  args: AzureKvmNodePoolArgs,
  vmSize: Machine["type"],
): AzurePoolPlan {
  const pool = planPool(name, args);
  const nodes = planNodes(args, vmSize);
  const { startupTaint } = pool.contract;
  const taints = pool.taints
    .filter(({ key }) => key !== startupTaint)
    .map(({ key, value, effect }) => `${key}=${value}:${effect}`);
  const spot = nodes.spotMaxPrice === undefined ? [] : [`${SPOT.key}=${SPOT.value}:NoSchedule`];
  return {
    ...pool,
    ...nodes,
    labels: { ...pool.labels, ...(spot.length > 0 && { [SPOT.key]: SPOT.value }) },
    maxSurge: args.maxSurge ?? azureDefaults.maxSurge,
    nodeTaints: [...taints, ...spot],
    replacing: {
      diskGib: nodes.diskGib,
      encryptionAtHost: nodes.encryptionAtHost,
      host: nodes.host,
      maxPodsPerNode: nodes.maxPodsPerNode,
      osDisk: nodes.osDisk,
      spotMaxPrice: nodes.spotMaxPrice,
      vmSize,
      zones: [...args.zones].sort(),
    },
    tags: args.tags ?? {},
    zones: args.zones,
  };
}

function planNodes(args: AzureKvmNodePoolArgs, vmSize: string) {
  const room = hasRoomOnHost(vmSize);
  return {
    diskGib: args.diskGib ?? azureDefaults.diskGib,
    encryptionAtHost: args.encryptionAtHost ?? true,
    host: aksHostConfig(args.hostProfile),
    image: args.image ?? AksImage.Ubuntu,
    maxPodsPerNode: args.maxPodsPerNode ?? azureDefaults.maxPodsPerNode,
    osDisk: args.osDisk ?? (room ? AksOsDisk.Ephemeral : AksOsDisk.Managed),
    spotMaxPrice: args.spot && (args.spot.maxPricePerHour ?? azureDefaults.spotMaxPrice),
    vmSize,
  };
}
