import { createHash } from "node:crypto";
import type { NodeContract } from "../shared/node-contract";
import type { AssetSet } from "./asset-set";
import type { PlannedMirror } from "./mirrors";
import { reportScript } from "./report/script";
import { reportTemplates } from "./report/templates";
import { policyTable, provisionScript } from "./script/provision-script";
import { provisionTables } from "./script/tables";

/** What the mounted ConfigMap holds, by file name. */
export type ProvisionerFiles = Record<string, string>;

/**
 * Everything that the two containers run and read: their programs, the tables of the asset set, and the
 * bodies of what is written to the API server.
 */
export function provisionerFiles(
  contract: NodeContract,
  assets: AssetSet,
  mirrors: readonly PlannedMirror[],
  policy: Record<string, string> | undefined,
): ProvisionerFiles {
  const lines = mirrors.map(({ line }) => line);
  return {
    "provision.sh": provisionScript(),
    "report.sh": reportScript(),
    ...provisionTables(lines.length > 0 ? { ...assets, mirrors: lines } : assets),
    ...policyTable(policy),
    ...reportTemplates(contract),
  };
}

/** A hash over all files: their ConfigMap is named after it, so a change of any file rolls out. */
export function filesHash(files: ProvisionerFiles): string {
  const content = JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
