import type { NodeContract } from "../shared/node-contract";
import type { NodeWrite } from "./node-writes";

/**
 * Type of the NodeCondition that says whether a node is proven, and if not why. A condition that no
 * kubelet knows is left alone by all of them.
 * Source: https://kubernetes.io/docs/reference/node/node-status/#condition
 */
export const CONDITION_TYPE = "KvmFabricReady";

/** Who writes the events. */
export const EVENT_SOURCE = "kvm-fabric-node-provisioner";

/** What is said of a node. */
export interface NodeReport {
  /** "True": proven; "False": not, and it has been tried. */
  status: string;
  /** One word in CamelCase, for programs. */
  reason: string;
  /** One line, for people. */
  message: string;
}

/**
 * The write of the condition: `PATCH /api/v1/nodes/<name>/status`. Conditions are merged by type, so no
 * other one is sent.
 * @param now RFC 3339, in whole seconds.
 * @param since When the status became what it is; left out where it was so before, which keeps the old time.
 */
export function conditionWrite(
  { status, reason, message }: NodeReport,
  now: string,
  since?: string,
): NodeWrite {
  const times = {
    lastHeartbeatTime: now,
    ...(since !== undefined && { lastTransitionTime: since }),
  };
  const condition = { type: CONDITION_TYPE, status, reason, message, ...times };
  return statusWrite(condition);
}

/** The removal of the condition, when the provisioner goes. */
export function conditionRemoval(): NodeWrite {
  return statusWrite({ type: CONDITION_TYPE, $patch: "delete" });
}

function statusWrite(condition: object): NodeWrite {
  return {
    contentType: "application/strategic-merge-patch+json",
    body: { status: { conditions: [condition] } },
    subresource: "status",
  };
}

/**
 * The event that tells of a change: `POST /api/v1/namespaces/default/events`, where events about objects
 * of no namespace belong.
 */
export function nodeEvent(node: string, type: string, report: NodeReport, now: string): object {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${EVENT_SOURCE}.`, namespace: "default" },
    involvedObject: { apiVersion: "v1", kind: "Node", name: node, uid: node },
    type,
    reason: report.reason,
    message: report.message,
    source: { component: EVENT_SOURCE, host: node },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}

/** How the Leases of asset sets are written: see {@link leaseClaim}. */
const LEASE_PATCH = "application/merge-patch+json";

/**
 * The write by which a node becomes the canary of an asset set, or goes on being it: `PATCH` of the set's
 * Lease. The version makes the API server refuse it (409) where somebody else was quicker.
 * @param now RFC 3339 with microseconds, as Leases want it.
 */
export function leaseClaim(node: string, version: string, now: string): NodeWrite {
  const spec = { holderIdentity: node, renewTime: now };
  return { contentType: LEASE_PATCH, body: { metadata: { resourceVersion: version }, spec } };
}

/** The write by which the canary tells what became of it: an annotation of the set's Lease. */
export function leaseVerdict(
  { domain }: NodeContract,
  verdict: "proven" | "failed",
  text: string,
): NodeWrite {
  const annotations = { [`${domain}/${verdict}`]: text };
  return { contentType: LEASE_PATCH, body: { metadata: { annotations } } };
}
