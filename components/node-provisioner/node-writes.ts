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

/** The part of a node that {@link openWrite} reads. */
export interface TaintedNode {
  spec?: { taints?: readonly { key: string; effect: string }[] };
}

/**
 * The write to a proven node that has no startup taint, any more or at all: the label that names the asset set it was
 * proven with, by which workers are placed.
 */
export function labelWrite(contract: NodeContract, assetSet: string): NodeWrite {
  return {
    contentType: "application/merge-patch+json",
    body: { metadata: { labels: { [contract.assetsLabel]: assetSet } } },
  };
}

/**
 * The write to a proven node that opens it: the label comes and the startup taint goes, at once, so nobody ever sees the
 * node open without its label. Undefined where the node carries no such taint; then {@link labelWrite} is left.
 *
 * Taints are an atomic list, so no patch format removes one by key. A JSON patch removes by position,
 * and its tests make the API server refuse it (422) where the list has moved since it was read; the
 * caller then reads again. Other taints are never sent, so none of them can be lost.
 */
export function openWrite(
  contract: NodeContract,
  assetSet: string,
  node: TaintedNode,
): NodeWrite | undefined {
  const index = (node.spec?.taints ?? []).findIndex(
    ({ key, effect }) => key === contract.startupTaint && effect === "NoSchedule",
  );
  return index < 0 ? undefined : openingPatch(contract, assetSet, String(index));
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

/** The JSON patch that labels a node and removes the startup taint at a position of its taints. */
export function openingPatch(contract: NodeContract, assetSet: string, index: string): NodeWrite {
  const path = `/spec/taints/${index}`;
  // A slash in a key is written so: https://www.rfc-editor.org/rfc/rfc6901
  const label = contract.assetsLabel.replaceAll("/", "~1");
  return {
    contentType: "application/json-patch+json",
    body: [
      { op: "test", path: `${path}/key`, value: contract.startupTaint },
      { op: "test", path: `${path}/effect`, value: "NoSchedule" },
      // Every node has labels: the kubelet makes some.
      { op: "add", path: `/metadata/labels/${label}`, value: assetSet },
      { op: "remove", path },
    ],
  };
}
