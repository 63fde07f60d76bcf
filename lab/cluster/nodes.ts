import { nodeContract, type NodeContract } from "../../components/shared/node-contract";
import type { KubeClient } from "../kube/client";
import { isKubeError } from "../kube/kube-error";
import { LabError } from "../lab-error";
import { LAB_NODE_LABEL, MAX_NODES, nodeManifest, nodeName, type NodeKind } from "./node-manifests";

/** What scaling did. */
export interface Scaled {
  created: string[];
  removed: string[];
}

// More requests than this at once only queue up in the API server.
const PARALLEL_WRITES = 24;

/** Names of the lab's nodes of a kind, in order. */
export async function listLabNodes(client: KubeClient, kind: NodeKind): Promise<string[]> {
  const nodes = await client.list("v1", "Node", {
    query: { labelSelector: `${LAB_NODE_LABEL}=${kind}` },
  });
  return nodes.map((node) => node.metadata.name ?? "").sort();
}

/**
 * Brings the lab's nodes of a kind to a number: the first `count` names are made where they are missing, all
 * later ones are removed. Nodes that stay are not touched. Errors: LabError for a count that is not a whole number from 0 to 9999.
 */
export async function scaleNodes(
  client: KubeClient,
  kind: NodeKind,
  count: number,
  contract: NodeContract = nodeContract(),
): Promise<Scaled> {
  if (!Number.isInteger(count) || count < 0 || count > MAX_NODES) {
    throw new LabError(`nodes: not a number of nodes, got ${count}, allowed 0 to ${MAX_NODES}`);
  }
  const present = new Set(await listLabNodes(client, kind));
  const wanted = Array.from({ length: count }, (_, index) => nodeName(kind, index));
  const created = wanted.filter((name) => !present.has(name));
  const removed = [...present].filter((name) => !wanted.includes(name));
  await inParallel(wanted.entries(), async ([index, name]) => {
    if (present.has(name)) return;
    await ignoring("AlreadyExists", client.create(nodeManifest(kind, index, contract)));
  });
  await inParallel(removed.values(), async (name) => {
    await ignoring("NotFound", client.remove({ apiVersion: "v1", kind: "Node", name }));
  });
  return { created, removed };
}

async function ignoring(reason: string, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    // Another command, or a repeated request, was there first: what was asked for is so.
    if (!isKubeError(error, reason)) throw error;
  }
}

async function inParallel<T>(
  items: IterableIterator<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const worker = async (): Promise<void> => {
    for (const item of items) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL_WRITES }, worker));
}
