import { profiles } from "./environments";
import type { FabricConfig } from "./schema";
import { ifReadable } from "./unreadable";

/** Tags of everything that a stack makes in AWS: who made it, and for what. Pure, as all of this file. */
export function cloudTags(config: FabricConfig, own: Record<string, string> = {}) {
  return { "kvm-fabric/environment": config.environment, "managed-by": "pulumi", ...own };
}

/** The same where keys take no slash: labels of Google Cloud and tags of Azure. */
export function plainTags(config: FabricConfig, own: Record<string, string> = {}) {
  return { "kvm-fabric-environment": config.environment, "managed-by": "pulumi", ...own };
}

interface PoolSize {
  minNodes?: number | undefined;
  maxNodes?: number | undefined;
}

/** The system pool with its environment's least nodes, where neither its least nor a lower most is given. */
export function systemPoolOf<Pool extends PoolSize>(config: FabricConfig, pool: Pool): Pool {
  const { systemNodes } = profiles[config.environment];
  const { maxNodes = systemNodes } = pool;
  // Two nodes are the least that outlive the loss of one.
  const minNodes = maxNodes >= 2 ? Math.min(maxNodes, systemNodes) : systemNodes;
  return { minNodes, ...pool };
}

// One a zone, as the clusters' own default is.
const LEAST_SERVICES_NODES = 3;

/**
 * The pool of ordinary pods with a node for each Consul server, where its least is not given: no two of them share a node.
 * No autoscaler adds one to EKS's managed group, and with those of GKE and AKS a server would wait for its node. A lower
 * most is left for the user to see.
 */
export function servicesPoolOf<Pool extends PoolSize>(config: FabricConfig, pool: Pool): Pool {
  // Whatever is wrong with Consul's settings is no fault of the pool's.
  const servers = ifReadable(() => ownServers(config), 0);
  if (typeof servers !== "number") return pool;
  const wanted = Math.max(servers, LEAST_SERVICES_NODES);
  const { maxNodes = wanted } = pool;
  return { minNodes: Math.min(maxNodes, wanted), ...pool };
}

/** The number of Consul servers in the cluster: none where Consul is elsewhere. */
function ownServers({ consul, environment }: FabricConfig): number | undefined {
  if (consul.external !== undefined) return undefined;
  return consul.servers ?? profiles[environment].consulServers;
}
