import * as fs from "node:fs";
import { missingForNode } from "../../lab/node/requirements";

/** Why no real node can run on this machine; undefined where one can. */
export const noRealNode: string | undefined = (() => {
  const missing = missingForNode();
  return missing.length === 0 ? undefined : `needs ${missing.join("; ")}`;
})();

/**
 * Like `describe`, for tests that need a real node of the lab. Where this machine runs none they are skipped, by name,
 * with what it lacks in the title. The tests start their nodes themselves, with startNode in a lab of their own.
 */
export function describeOnRealNode(title: string, tests: () => void): void {
  if (noRealNode === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${noRealNode})`, tests);
}

/**
 * The same for tests that need /dev/kvm as well: the doctor wants it for real, so without it no node is ever proven. Guests
 * run under TCG all the same.
 */
export function describeOnKvmNode(title: string, tests: () => void): void {
  if (fs.existsSync("/dev/kvm")) describeOnRealNode(title, tests);
  else describe.skip(`${title} (skipped: needs /dev/kvm)`, tests);
}
