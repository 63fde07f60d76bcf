import { profiles } from "./environments";
import type { FabricConfig } from "./schema";

/** Tags of everything that a stack makes in AWS: who made it, and for what. Pure, as all of this file. */
export function cloudTags(config: FabricConfig, own: Record<string, string> = {}) {
  return { "kvm-fabric/environment": config.environment, "managed-by": "pulumi", ...own };
}

/** The same where keys take no slash: labels of Google Cloud and tags of Azure. */
export function plainTags(config: FabricConfig, own: Record<string, string> = {}) {
  return { "kvm-fabric-environment": config.environment, "managed-by": "pulumi", ...own };
}

interface SystemPoolSize {
  minNodes?: number | undefined;
  maxNodes?: number | undefined;
}

/** The system pool with its environment's least nodes, where neither its least nor a lower most is given. */
export function systemPoolOf<Pool extends SystemPoolSize>(config: FabricConfig, pool: Pool): Pool {
  const { systemNodes } = profiles[config.environment];
  const { maxNodes = systemNodes } = pool;
  // Two nodes are the least that outlive the loss of one.
  const minNodes = maxNodes >= 2 ? Math.min(maxNodes, systemNodes) : systemNodes;
  return { minNodes, ...pool };
}
