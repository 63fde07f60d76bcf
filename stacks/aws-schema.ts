import { z } from "zod";
import type { AwsClusterArgs } from "../components/cluster/aws/args";
import type { KarpenterArgs } from "../components/karpenter/args";
import type { AwsKvmNodePoolArgs } from "../components/kvm-node-pool/aws-args";
import type { AwsNetworkArgs } from "../components/network/aws-args";
import type { AwsNetworkRef } from "../components/network/network-ref";
import { argsShape, typeShape } from "./shapes";

// What the composition gives by itself, from the stack's other keys and from what it makes first.
const fixed = {
  cluster: ["clusterName", "deletionProtection", "network", "tags"],
  karpenter: ["cluster", "domain", "kubernetesVersion", "tags"],
  network: ["discoveryName", "tags"],
  pool: ["cluster", "domain", "subnetIds", "tags"],
} as const;

type Fixed<Part extends keyof typeof fixed> = (typeof fixed)[Part][number];

/** What the target `aws` stands up below the fabric. */
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
  tags: z.record(z.string(), z.string()).optional(),
});

/** See {@link awsSchema}. */
export type AwsConfig = z.infer<typeof awsSchema>;
