import type { KubeClient } from "../../../lab/kube/client";

/** Who makes a call: the pod on node `a` unless the case says otherwise. */
export type Identity =
  | "own pod"
  | "pod of another node"
  | "pod of a proven node"
  | "pod of a node that no pool promised"
  | "pod on no node"
  | "no pod"
  | "bound to a Secret"
  | "bound to a Node";

/** One write that must be refused. */
export interface HostileWrite {
  name: string;
  identity: Identity;
  /** Who refuses it with the rights that ship: RBAC where the verb is not granted. */
  shipped: "rbac" | "policy";
  /** What the policy says where RBAC grants everything. */
  policy: RegExp;
  /** What the API server says of its own, before any policy is asked, where the node has a provider id. */
  invalid?: RegExp;
  run: (client: KubeClient) => Promise<unknown>;
}

/** The nodes of the stage. `c` is proven, `d` carries no capability label. */
export const nodes = { a: "hostile-a", b: "hostile-b", c: "hostile-c", d: "hostile-d" };

export const path = (node: string, rest = "") => `/api/v1/nodes/${node}${rest}`;

export const patchTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

export function patch(
  node: string,
  body: unknown,
  contentType: string = patchTypes.merge,
  rest = "",
) {
  const query = contentType === patchTypes.apply ? { fieldManager: "hostile", force: true } : {};
  return (client: KubeClient) =>
    client.request("PATCH", path(node, rest), { body, contentType, query });
}

/** What the policy says, rule by rule. */
export const rules = {
  operation: /may only update nodes and their status: no other operation/,
  node: /may only write the node that its pod runs on/,
  capability: /may only write nodes that their pool labels/,
  metadata: /may not change a node's metadata besides labels/,
  spec: /may not change a node's spec besides taints/,
  label: /may not change a label other than/,
  value: /may only set \S+ to one of its asset sets or remove it/,
  taints: /may not change taints besides removing/,
  gate: /may only open a node whose \S+ names one of its asset sets/,
  status: /may not change a node's status besides conditions/,
  condition: /may not change a condition other than/,
  statusLabel: /may not change labels and taints by way of the status/,
};

/** That of a node that has one is nobody's to change. */
export const keepsProviderId = { invalid: /node updates may not change providerID/ };

/** A write of node `a` by the pod that runs there. */
export function own(name: string, policy: RegExp, body: unknown, type?: string): HostileWrite {
  return {
    name,
    identity: "own pod",
    shipped: "policy",
    policy,
    run: patch(nodes.a, body, type),
  };
}

export const labelled = (labels: unknown) => ({ metadata: { labels } });
