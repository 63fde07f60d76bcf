import type { ManagedStoreArgs } from "../../data-store/managed/args";
import type { AzureStorePlace } from "../../data-store/managed/azure-args";
import type { EvictionPolicy } from "../args";

/** Arguments of {@link AzureRedis}. Azure chooses version and maintenance window: it takes no `maintenanceWindow`. */
export interface AzureRedisArgs extends ManagedStoreArgs, AzureStorePlace {
  /** What is thrown out once the memory is full. Defaults to `EvictionPolicy.NoEviction`. */
  evictionPolicy?: EvictionPolicy;
  /**
   * SKU: `Balanced_B...`, `MemoryOptimized_M...`, `ComputeOptimized_X...` or `FlashOptimized_A...`, the number being about
   * the memory in GiB. Defaults to "Balanced_B5".
   */
  size?: string;
}
