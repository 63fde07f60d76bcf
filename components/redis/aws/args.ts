import type { Input } from "@pulumi/pulumi";
import type { ManagedStoreArgs } from "../../data-store/managed/args";
import type { AwsNetworkRef } from "../../network/network-ref";
import type { EvictionPolicy } from "../args";

/** Arguments of {@link AwsRedis}. */
export interface AwsRedisArgs extends ManagedStoreArgs {
  /** The network that the store stands in: an `AwsNetwork`, or the ids of one that is there already. */
  network: AwsNetworkRef;
  /**
   * Security groups of the clients: that of a cluster's nodes, `cluster.clusterSecurityGroupId`, is also that of its pods.
   * Defaults to none.
   */
  allowedSecurityGroupIds?: Input<string>[];
  /** Days for which the daily snapshots stay, 1 to 35. What was written since the last one is lost with all copies. Defaults to 7. */
  backupRetentionDays?: number;
  /** ARN of a KMS key for data, snapshots, logs and password. Fixed once made. Defaults to a key of the store's own. */
  encryptionKey?: Input<string>;
  /** What is thrown out once the memory is full. Defaults to `EvictionPolicy.NoEviction`. */
  evictionPolicy?: EvictionPolicy;
  /** Days for which CloudWatch keeps logs. Defaults to 90. */
  logRetentionDays?: number;
  /** Node type. Defaults to "cache.m7g.large": 6 GiB. */
  size?: string;
  /** Ids of the subnets, in at least two zones. Defaults to the private ones of the network. */
  subnetIds?: Input<string>[];
  /** Tags of every resource that takes some. Defaults to none. */
  tags?: Record<string, string>;
  /** Version of Valkey: 7.2, 8.0, 8.1 or 8.2. Patches are AWS's to install, in the maintenance window. Defaults to "8.1". */
  version?: string;
}
