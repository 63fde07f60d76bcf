import { z } from "zod";
import type { AzureClusterArgs } from "../components/cluster/azure/args";
import type { AzureKvmNodePoolArgs } from "../components/kvm-node-pool/azure-args";
import type { AzureNetworkArgs } from "../components/network/azure-args";
import type { AzureNetworkRef } from "../components/network/network-ref";
import type { AzurePostgresArgs } from "../components/postgres/azure/args";
import type { AzureRedisArgs } from "../components/redis/azure/args";
import type { AzureTraceUploaderArgs } from "../components/trace-uploader/azure/args";
import { argsShape, typeShape } from "./shapes";

// What the composition gives by itself, from the stack's other keys and from what it makes first.
const fixed = {
  cluster: [
    "clusterName",
    "deletionProtection",
    "location",
    "network",
    "resourceGroupName",
    "tags",
  ],
  network: ["location", "resourceGroupName", "tags"],
  pool: ["cluster", "domain", "subnetId", "tags"],
  store: ["consumers", "deletionProtection", "network", "resourceGroupName", "tags"],
  uploader: ["deletionProtection", "network", "queen", "resourceGroupName", "tags"],
} as const;

type Fixed<Part extends keyof typeof fixed> = (typeof fixed)[Part][number];
type ClusterSettings = Omit<AzureClusterArgs, Fixed<"cluster">>;
type NetworkSettings = Omit<AzureNetworkArgs, Fixed<"network">>;
type PoolSettings = Omit<AzureKvmNodePoolArgs, Fixed<"pool">>;

type PostgresSettings = Omit<AzurePostgresArgs, Fixed<"store">>;
type RedisSettings = Omit<AzureRedisArgs, Fixed<"store">>;
type UploaderSettings = Omit<AzureTraceUploaderArgs, Fixed<"uploader">>;

/** What the target `azure` stands up below the fabric, and the services that it runs in place of the cluster. */
export const azureSchema = z.strictObject({
  location: z.string(),
  cluster: argsShape<ClusterSettings>("AzureCluster", fixed.cluster),
  network: argsShape<NetworkSettings>("AzureNetwork", fixed.network).optional(),
  existingNetwork: typeShape<AzureNetworkRef>("AzureNetworkRef").optional(),
  pools: z.record(z.string(), argsShape<PoolSettings>("AzureKvmNodePool", fixed.pool)).optional(),
  postgres: argsShape<PostgresSettings>("AzurePostgres", fixed.store).optional(),
  redis: argsShape<RedisSettings>("AzureRedis", fixed.store).optional(),
  traceUploader: argsShape<UploaderSettings>("AzureTraceUploader", fixed.uploader).optional(),
  // An existing one; without it the network makes one of its own, or the existing network's is taken.
  resourceGroupName: z.string().optional(),
  subscriptionId: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** See {@link azureSchema}. */
export type AzureConfig = z.infer<typeof azureSchema>;
