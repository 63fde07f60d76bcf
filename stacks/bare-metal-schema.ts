import { z } from "zod";
import type { BareMetalClusterArgs } from "../components/cluster/bare-metal/args";
import type { BareMetalKvmNodePoolArgs } from "../components/kvm-node-pool/bare-metal-args";
import { argsShape } from "./shapes";

// What the composition gives by itself, from the stack's other keys and from what it makes first.
const fixed = {
  cluster: ["access", "deletionProtection"],
  pool: ["access", "cluster", "domain", "release"],
} as const;

type Fixed<Part extends keyof typeof fixed> = (typeof fixed)[Part][number];

/** What the target `bare-metal` stands up below the fabric. */
export const bareMetalSchema = z.strictObject({
  cluster: argsShape<Omit<BareMetalClusterArgs, Fixed<"cluster">>>(
    "BareMetalCluster",
    fixed.cluster,
  ),
  pools: z
    .record(
      z.string(),
      argsShape<Omit<BareMetalKvmNodePoolArgs, Fixed<"pool">>>("BareMetalKvmNodePool", fixed.pool),
    )
    .optional(),
});

/** See {@link bareMetalSchema}. */
export type BareMetalConfig = z.infer<typeof bareMetalSchema>;
