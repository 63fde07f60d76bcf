import type { Fault } from "../../shared/faults";

/** Checks text that is known now; what is only known later, as every input may be, is not checked here. */
export function patternFaults(
  path: string,
  got: unknown,
  pattern: RegExp,
  problem: string,
  allowed: string,
): Fault[] {
  if (typeof got !== "string" || pattern.test(got)) return [];
  return [{ path, problem, got, allowed }];
}

/** Checks the id of a resource of a type, as in `Microsoft.KeyVault/vaults`. */
export function resourceIdFaults(path: string, got: unknown, type: string): Fault[] {
  const pattern = new RegExp(
    `^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${type.replaceAll(".", "\\.")}/[^/]+$`,
    "i",
  );
  const allowed = `/subscriptions/ID/resourceGroups/GROUP/providers/${type}/NAME`;
  return patternFaults(path, got, pattern, "not the id of such a resource", allowed);
}
