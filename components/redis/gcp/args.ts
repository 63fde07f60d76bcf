import type { Input } from "@pulumi/pulumi";
import type { ManagedStoreArgs } from "../../data-store/managed/args";
import type { GcpNetworkRef } from "../../network/network-ref";
import type { EvictionPolicy } from "../args";

/** Arguments of {@link GcpRedis}. */
export interface GcpRedisArgs extends ManagedStoreArgs {
  /** The network that clients are in: a `GcpNetwork`, or the ids of one that is there already. */
  network: GcpNetworkRef;
  /**
   * Id of a Cloud KMS key in the region, for data, snapshots and password. The agents of
   * Memorystore and Secret Manager must be allowed to use it. Fixed once made. Defaults to a key of the store's own,
   * rotated every 90 days.
   */
  encryptionKey?: Input<string>;
  /** What is thrown out once the memory is full. Defaults to `EvictionPolicy.NoEviction`. */
  evictionPolicy?: EvictionPolicy;
  /** Labels of every resource that takes some. Defaults to none. */
  labels?: Record<string, string>;
  /** Capacity: memory in GiB, 1 to 300. Defaults to 5. */
  memoryGib?: number;
  /** Id of the project. Defaults to the provider's. */
  project?: Input<string>;
  /**
   * A range of eight addresses, a /29 that overlaps nothing in the network, for the store. Fixed once made. Defaults to one
   * that Google chooses.
   */
  reservedCidr?: string;
  /** Hours from one snapshot to the next: 1, 6, 12 or 24. What was written since is lost with all copies. Defaults to 1. */
  snapshotHours?: number;
  /** Version of Redis: 7.0 or 7.2, the last under a free licence. Patches are Google's to install. Defaults to "7.2". */
  version?: string;
}
