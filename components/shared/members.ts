import type { Fault } from "./faults";

/**
 * Checks a value of a closed set: other languages and untyped programs can give any text. Nothing at all is no fault.
 */
export function memberFaults(
  path: string,
  got: string | undefined,
  members: readonly string[],
): Fault[] {
  if (got === undefined || members.includes(got)) return [];
  return [{ path, problem: "not one of the values", got, allowed: members.join(", ") }];
}

/** Checks a value of a closed set that must be given. */
export function requiredMemberFaults(
  path: string,
  got: string | undefined,
  members: readonly string[],
): Fault[] {
  if (got !== undefined) return memberFaults(path, got, members);
  return [{ path, problem: "missing", allowed: members.join(", ") }];
}
