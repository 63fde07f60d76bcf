import type { NodeContract } from "../shared/node-contract";

/** One PATCH of a node, `PATCH /api/v1/nodes/<name>`, or of its status, with this content type and body. */
export interface NodeWrite {
  /** The patch format, for the Content-Type header. */
  contentType: string;
  /** The patch itself, to be sent as JSON. */
  body: unknown;
  /** The part of the node that is patched, as the last word of the path. Defaults to the node itself. */
  subresource?: string;
}

/** The part of a node that {@link taintWrite} reads. */
export interface TaintedNode {
  spec?: { taints?: readonly { key: string; effect: string }[] };
}

/**
 * The first write to a proven node: the label that names the asset set it was proven with. Workers are
 * placed by it, so it comes before the taint goes.
 */
export function labelWrite(contract: NodeContract, assetSet: string): NodeWrite {
  return {
    contentType: "application/merge-patch+json",
    body: { metadata: { labels: { [contract.assetsLabel]: assetSet } } },
  };
}

/**
 * The last write to a proven node: the startup taint goes. Undefined where the node carries none.
 *
 * Taints are an atomic list, so no patch format removes one by key. A JSON patch removes by position,
 * and its tests make the API server refuse it (422) where the list has moved since it was read; the
 * caller then reads again. Other taints are never sent, so none of them can be lost.
 */
export function taintWrite(contract: NodeContract, node: TaintedNode): NodeWrite | undefined {
  const index = (node.spec?.taints ?? []).findIndex(
    ({ key, effect }) => key === contract.startupTaint && effect === "NoSchedule",
  );
  return index < 0 ? undefined : taintRemoval(contract, String(index));
}

/**
 * The only write to a node that its provisioner leaves for good: the label goes, whichever asset set it
 * names. The startup taint does not come back, since what runs on the node would not go with it.
 *
 * A merge patch, so that a node without the label is no error and stays as it is.
 */
export function labelRemoval(contract: NodeContract): NodeWrite {
  return {
    contentType: "application/merge-patch+json",
    body: { metadata: { labels: { [contract.assetsLabel]: null } } },
  };
}

/** The JSON patch that removes the startup taint at a position of the node's taints. */
export function taintRemoval(contract: NodeContract, index: string): NodeWrite {
  const path = `/spec/taints/${index}`;
  return {
    contentType: "application/json-patch+json",
    body: [
      { op: "test", path: `${path}/key`, value: contract.startupTaint },
      { op: "test", path: `${path}/effect`, value: "NoSchedule" },
      { op: "remove", path },
    ],
  };
}
