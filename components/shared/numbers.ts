import type { Fault } from "./faults";

/** Checks a whole number, of which both bounds are allowed. Nothing at all is no fault. */
export function wholeNumberFaults(
  path: string,
  got: number | undefined,
  least: number,
  most: number,
): Fault[] {
  if (got === undefined || (Number.isInteger(got) && got >= least && got <= most)) return [];
  const allowed = `whole numbers ${String(least)} to ${String(most)}`;
  return [{ path, problem: "out of range", got, allowed }];
}

/** Checks that a pool's least number of nodes is no more than its most; `pool` is its path, if any, with a dot behind. */
export function nodeCountFaults(pool: string, minNodes: number, maxNodes: number): Fault[] {
  if (minNodes <= maxNodes) return [];
  const allowed = `at most ${String(maxNodes)}`;
  return [{ path: `${pool}minNodes`, problem: "more than maxNodes", got: minNodes, allowed }];
}
