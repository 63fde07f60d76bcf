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
