import { z } from "zod";
import type { GcpClusterArgs } from "../components/cluster/gcp/args";
import type { GcpKvmNodePoolArgs } from "../components/kvm-node-pool/gcp-args";
import type { GcpNetworkArgs } from "../components/network/gcp-args";
import type { GcpNetworkRef } from "../components/network/network-ref";
import type { GcpPostgresArgs } from "../components/postgres/gcp/args";
import type { GcpRedisArgs } from "../components/redis/gcp/args";
import type { GcpTraceUploaderArgs } from "../components/trace-uploader/gcp/args";
import { argsShape, typeShape } from "./shapes";

// What the composition gives by itself, from the stack's other keys and from what it makes first.
const fixed = {
  cluster: ["clusterName", "deletionProtection", "labels", "network", "project"],
  network: ["project", "region"],
  pool: ["cluster", "domain", "tags"],
  store: ["consumers", "deletionProtection", "labels", "network", "project"],
  uploader: ["deletionProtection", "labels", "network", "project", "queen"],
} as const;

type Fixed<Part extends keyof typeof fixed> = (typeof fixed)[Part][number];
type ClusterSettings = Omit<GcpClusterArgs, Fixed<"cluster">>;
type NetworkSettings = Omit<GcpNetworkArgs, Fixed<"network">>;
type PoolSettings = Omit<GcpKvmNodePoolArgs, Fixed<"pool">>;

type PostgresSettings = Omit<GcpPostgresArgs, Fixed<"store">>;
type RedisSettings = Omit<GcpRedisArgs, Fixed<"store">>;
type UploaderSettings = Omit<GcpTraceUploaderArgs, Fixed<"uploader">>;

/** What the target `gcp` stands up below the fabric, and the services that it runs in place of the cluster. */
export const gcpSchema = z.strictObject({
  project: z.string(),
  region: z.string(),
  cluster: argsShape<ClusterSettings>("GcpCluster", fixed.cluster).optional(),
  network: argsShape<NetworkSettings>("GcpNetwork", fixed.network).optional(),
  existingNetwork: typeShape<GcpNetworkRef>("GcpNetworkRef").optional(),
  pools: z.record(z.string(), argsShape<PoolSettings>("GcpKvmNodePool", fixed.pool)).optional(),
  postgres: argsShape<PostgresSettings>("GcpPostgres", fixed.store).optional(),
  redis: argsShape<RedisSettings>("GcpRedis", fixed.store).optional(),
  traceUploader: argsShape<UploaderSettings>("GcpTraceUploader", fixed.uploader).optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

/** See {@link gcpSchema}. */
export type GcpConfig = z.infer<typeof gcpSchema>;
