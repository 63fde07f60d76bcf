import type { NodeContract } from "../../shared/node-contract";
import {
  conditionRemoval,
  conditionWrite,
  leaseClaim,
  leaseVerdict,
  nodeEvent,
} from "../node-reports";
import { labelRemoval, labelWrite, type NodeWrite, openingPatch } from "../node-writes";

const REPORT = { status: "%STATUS%", reason: "%REASON%", message: "%MESSAGE%" };

/**
 * The bodies of everything that `report` writes, by file name, with the variables of the script for what
 * it alone knows; and beside each the patch format that it is sent in.
 */
export function reportTemplates(contract: NodeContract): Record<string, string> {
  const writes: Record<string, NodeWrite> = {
    condition: conditionWrite(REPORT, "%NOW%"),
    "condition-removal": conditionRemoval(),
    "condition-since": conditionWrite(REPORT, "%NOW%", "%NOW%"),
    event: {
      contentType: "application/json",
      body: nodeEvent("%NODE_NAME%", "%KIND%", REPORT, "%NOW%"),
    },
    label: labelWrite(contract, "%ASSET_SET%"),
    "label-removal": labelRemoval(contract),
    lease: leaseClaim("%NODE_NAME%", "%VERSION%", "%NOW%"),
    "lease-failed": leaseVerdict(contract, "failed", "%NODE_NAME%: %MESSAGE%"),
    "lease-proven": leaseVerdict(contract, "proven", "%NODE_NAME%"),
    open: openingPatch(contract, "%ASSET_SET%", "%INDEX%"),
  };
  return Object.fromEntries(
    Object.entries(writes).flatMap(([name, { contentType, body }]) => [
      [`${name}.json`, JSON.stringify(body)],
      [`${name}.type`, contentType],
    ]),
  );
}
