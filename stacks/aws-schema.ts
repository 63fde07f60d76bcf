import { z } from "zod";
import type { AwsClusterArgs } from "../components/cluster/aws/args";
import type { KarpenterArgs } from "../components/karpenter/args";
import type { AwsKvmNodePoolArgs } from "../components/kvm-node-pool/aws-args";
import type { AwsNetworkArgs } from "../components/network/aws-args";
import type { AwsNetworkRef } from "../components/network/network-ref";
import type { AwsPostgresArgs } from "../components/postgres/aws/args";
import type { AwsRedisArgs } from "../components/redis/aws/args";
import type { AwsTraceUploaderArgs } from "../components/trace-uploader/aws/args";
import { argsShape, typeShape } from "./shapes";

// What the composition gives by itself, from the stack's other keys and from what it makes first.
const fixed = {
  cluster: ["clusterName", "deletionProtection", "network", "tags"],
  karpenter: ["cluster", "domain", "kubernetesVersion", "tags"],
  network: ["discoveryName", "tags"],
  pool: ["cluster", "domain", "subnetIds", "tags"],
  store: ["consumers", "deletionProtection", "network", "tags"],
  uploader: ["deletionProtection", "network", "queen", "tags"],
} as const;

type Fixed<Part extends keyof typeof fixed> = (typeof fixed)[Part][number];

type PostgresSettings = Omit<AwsPostgresArgs, Fixed<"store">>;
type RedisSettings = Omit<AwsRedisArgs, Fixed<"store">>;
type UploaderSettings = Omit<AwsTraceUploaderArgs, Fixed<"uploader">>;

/** What the target `aws` stands up below the fabric, and the services that it runs in place of the cluster. */
export const awsSchema = z.strictObject({
  region: z.string(),
  cluster: argsShape<Omit<AwsClusterArgs, Fixed<"cluster">>>("AwsCluster", fixed.cluster),
  network: argsShape<Omit<AwsNetworkArgs, Fixed<"network">>>(
    "AwsNetwork",
    fixed.network,
  ).optional(),
  existingNetwork: typeShape<AwsNetworkRef>("AwsNetworkRef").optional(),
  karpenter: argsShape<Omit<KarpenterArgs, Fixed<"karpenter">>>(
    "Karpenter",
    fixed.karpenter,
  ).optional(),
  pools: z
    .record(
      z.string(),
      argsShape<Omit<AwsKvmNodePoolArgs, Fixed<"pool">>>("AwsKvmNodePool", fixed.pool),
    )
    .optional(),
  postgres: argsShape<PostgresSettings>("AwsPostgres", fixed.store).optional(),
  redis: argsShape<RedisSettings>("AwsRedis", fixed.store).optional(),
  traceUploader: argsShape<UploaderSettings>("AwsTraceUploader", fixed.uploader).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** See {@link awsSchema}. */
export type AwsConfig = z.infer<typeof awsSchema>;
