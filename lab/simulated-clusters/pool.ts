import { isDeepStrictEqual } from "node:util";
import type { SimulatedPool } from "../engine/simulated-cloud/effects";
import type { KubeClient } from "../kube/client";
import { isKubeError } from "../kube/kube-error";
import { fieldAt, type KubeObject, listAt, textAt } from "../kube/objects";
import { type Joined, JOINED_ANNOTATION, POOL_LABEL, poolLabel, poolNodes } from "./pool-nodes";

// What only another machine can have: a node that lacks it is another machine's.
const MACHINE_LABELS = ["node.kubernetes.io/instance-type", "topology.kubernetes.io/zone"];

/** Makes the pool's nodes be those that it describes; nodes that are right are not touched. */
export async function reconcilePool(
  client: KubeClient,
  clusterType: string,
  pool: SimulatedPool,
): Promise<void> {
  const wanted = new Map(
    poolNodes(clusterType, pool).map((node) => [node.metadata.name ?? "", node]),
  );
  for (const node of await listPoolNodes(client, pool.id)) {
    const target = wanted.get(node.metadata.name ?? "");
    if (target === undefined || !isSameMachine(node, target)) {
      await removeNode(client, node);
      continue;
    }
    wanted.delete(node.metadata.name ?? "");
    const patch = joinedPatch(node, target);
    if (patch !== undefined) await client.patch(node, patch);
    const version = kubeletVersion(target);
    if (version !== undefined && version !== kubeletVersion(node)) {
      const status = { nodeInfo: { kubeletVersion: version } };
      await client.patch(node, { status }, { subresource: "status" });
    }
  }
  await Promise.all([...wanted.values()].map((node) => createNode(client, node)));
}

/** Takes all nodes of a pool away. */
export async function removePoolNodes(client: KubeClient, poolId: string): Promise<void> {
  const nodes = await listPoolNodes(client, poolId);
  await Promise.all(nodes.map((node) => removeNode(client, node)));
}

/**
 * The merge patch that a change of the pool's labels and taints makes of a node that runs; undefined where nothing
 * changed. What others wrote since it joined stays: a startup taint that was removed does not come back. Pure.
 */
export function joinedPatch(node: KubeObject, target: KubeObject): unknown {
  const before = readJoined(node);
  const after = readJoined(target);
  if (isDeepStrictEqual(before, after)) return undefined;
  const gone = Object.keys(before.labels).filter((key) => !(key in after.labels));
  const had = (taint: unknown) => before.taints.some((one) => isDeepStrictEqual(one, taint));
  const has = (taint: unknown) => after.taints.some((one) => isSameTaint(one, taint));
  const kept = listAt(node, "spec", "taints").filter((taint) => {
    const wasOurs = before.taints.some((one) => isSameTaint(one, taint));
    return !wasOurs || has(taint);
  });
  const added = after.taints.filter((taint) => !had(taint));
  return {
    metadata: {
      annotations: { [JOINED_ANNOTATION]: JSON.stringify(after) },
      labels: { ...Object.fromEntries(gone.map((key) => [key, null])), ...after.labels },
    },
    spec: { taints: [...kept.filter((one) => !added.some((a) => isSameTaint(a, one))), ...added] },
  };
}

function kubeletVersion(node: KubeObject): string | undefined {
  return textAt(node, "status", "nodeInfo", "kubeletVersion");
}

function isSameTaint(a: unknown, b: unknown): boolean {
  return textAt(a, "key") === textAt(b, "key") && textAt(a, "effect") === textAt(b, "effect");
}

function readJoined(node: KubeObject): Joined {
  const value: unknown = JSON.parse(node.metadata.annotations?.[JOINED_ANNOTATION] ?? "{}");
  const labels = fieldAt(value, "labels") ?? {};
  return {
    labels: Object.fromEntries(
      Object.entries(labels).map(([key, text]: [string, unknown]) => [key, String(text)]),
    ),
    taints: listAt(value, "taints").map((taint) => ({
      key: textAt(taint, "key") ?? "",
      value: textAt(taint, "value") ?? "",
      effect: textAt(taint, "effect") ?? "",
    })),
  };
}

function isSameMachine(node: KubeObject, target: KubeObject): boolean {
  return MACHINE_LABELS.every(
    (key) => node.metadata.labels?.[key] === target.metadata.labels?.[key],
  );
}

function listPoolNodes(client: KubeClient, poolId: string): Promise<KubeObject[]> {
  const labelSelector = `${POOL_LABEL}=${poolLabel(poolId)}`;
  return client.list("v1", "Node", { query: { labelSelector } });
}

async function createNode(client: KubeClient, node: KubeObject): Promise<void> {
  try {
    await client.create(node);
  } catch (error) {
    if (!isKubeError(error, "AlreadyExists")) throw error;
  }
}

async function removeNode(client: KubeClient, node: KubeObject): Promise<void> {
  try {
    await client.remove(node);
  } catch (error) {
    if (!isKubeError(error, "NotFound")) throw error;
  }
}
