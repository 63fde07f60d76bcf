import { type ConsumerPlan, planConsumers } from "../../data-store/consumers";
import {
  type AzureStorePlan,
  azureStoreFaults,
  azureStorePlan,
} from "../../data-store/managed/azure-plan";
import { managedStoreFaults } from "../../data-store/managed/faults";
import { INSTANCE_NAMING } from "../../data-store/managed/instance-name";
import { PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { EvictionPolicy } from "../args";
import type { AzureRedisArgs } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({ size: "Balanced_B5" });

/** How Azure calls what is thrown out. */
const AZURE_POLICIES: Record<EvictionPolicy, string> = {
  [EvictionPolicy.NoEviction]: "NoEviction",
  [EvictionPolicy.AllKeysLru]: "AllKeysLRU",
  [EvictionPolicy.AllKeysLfu]: "AllKeysLFU",
  [EvictionPolicy.VolatileLru]: "VolatileLRU",
  [EvictionPolicy.VolatileLfu]: "VolatileLFU",
  [EvictionPolicy.VolatileTtl]: "VolatileTTL",
};

/** Sizes by tier, as Azure's API names them (version 2025-07-01). */
const SIZES: Record<string, readonly number[]> = {
  Balanced_B: [1, 3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700, 1000],
  MemoryOptimized_M: [10, 20, 50, 100, 150, 250, 350, 500, 700, 1000, 1500, 2000],
  ComputeOptimized_X: [3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700],
  FlashOptimized_A: [250, 500, 700, 1000, 1500, 2000, 4500],
};

/** A cluster of Azure Managed Redis, with every default filled in. */
export interface AzureRedisPlan extends AzureStorePlan {
  consumers: ConsumerPlan[];
  evictionPolicy: string;
  highAvailability: boolean;
  networkCidrs: string[];
  size: string;
}

/** Plans an Azure Managed Redis, or names everything that is wrong with its arguments. */
export function planAzureRedis(name: string, args: AzureRedisArgs): Planned<AzureRedisPlan> {
  return planned(azureRedisFaults(name, args), () => ({
    ...azureStorePlan(name, args),
    consumers: planConsumers(name, args.consumers),
    evictionPolicy: AZURE_POLICIES[args.evictionPolicy ?? EvictionPolicy.NoEviction],
    highAvailability: args.highAvailability ?? true,
    networkCidrs: args.networkCidrs ?? [...PRIVATE_RANGES],
    size: args.size ?? defaults.size,
  }));
}

function azureRedisFaults(name: string, args: AzureRedisArgs): Fault[] {
  return [
    ...managedStoreFaults(name, args, INSTANCE_NAMING.managedRedis),
    ...azureStoreFaults(args),
    ...memberFaults("evictionPolicy", args.evictionPolicy, Object.values(EvictionPolicy)),
    ...(args.maintenanceWindow === undefined
      ? []
      : [{ path: "maintenanceWindow", problem: "Azure chooses it", fix: "to leave it out" }]),
    ...sizeFaults(args.size),
  ];
}

function sizeFaults(got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const path = "size";
  if (got === "Balanced_B0") {
    const problem = "too small: half a gibibyte, a part of which is the server's own";
    return [{ path, problem, got, fix: "Balanced_B1" }];
  }
  if (/^Enterprise(Flash)?_/.test(got)) {
    const problem = "a size of Azure Cache for Redis Enterprise, which Azure is giving up";
    return [{ path, problem, got, fix: defaults.size }];
  }
  const [, tier = "", number] = /^([A-Za-z]+_[A-Z])(\d+)$/.exec(got) ?? [];
  const sizes = SIZES[tier];
  if (sizes?.includes(Number(number)) === true) return [];
  const allowed =
    sizes === undefined ? `${Object.keys(SIZES).join("..., ")}...` : `${tier}${sizes.join(", ")}`;
  return [{ path, problem: "not a size of Azure Managed Redis", got, allowed }];
}
