/** What the AWS provider waits by itself for a node group's update, in minutes. */
const PROVIDERS_PATIENCE_MINUTES = 60;

/**
 * What EKS may take for a node that is replaced, in minutes: the old one is drained for 15 at most, and the new one is
 * there in 5. Source: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
const MINUTES_A_NODE = 20;

/** What a metal machine takes beside that to start and to stop, in minutes. */
const METAL_MINUTES = 45;

/**
 * How long an update may replace the nodes of a managed group, one at a time, as `customTimeouts` take it: a new release
 * of a large group takes longer than the provider waits, and the update would fail while EKS goes on.
 */
export function rolloutTimeout(maxNodes: number, { metal }: { metal: boolean }): string {
  const minutes = maxNodes * (MINUTES_A_NODE + (metal ? METAL_MINUTES : 0));
  return `${String(Math.max(minutes, PROVIDERS_PATIENCE_MINUTES))}m`;
}
