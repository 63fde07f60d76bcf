import type { Fault } from "../../shared/faults";
import { patternFaults } from "../../shared/patterns";

/** Checks the id of a resource of a type, as in `Microsoft.KeyVault/vaults`. */
export function resourceIdFaults(path: string, got: unknown, type: string): Fault[] {
  const pattern = new RegExp(
    `^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${type.replaceAll(".", "\\.")}/[^/]+$`,
    "i",
  );
  const allowed = `/subscriptions/ID/resourceGroups/GROUP/providers/${type}/NAME`;
  return patternFaults(path, got, pattern, "not the id of such a resource", allowed);
}
