import { createHash } from "node:crypto";
import type { NodeContract } from "../shared/node-contract";
import { architectures, assetSetId, installedFiles, type AssetSet } from "./asset-set";
import { INSTALL_SCRIPT } from "./install-script";
import { labelRemoval, labelWrite, taintRemoval } from "./node-writes";
import { REPORT_SCRIPT } from "./report-script";

/** What the mounted ConfigMap holds, by file name. */
export type ProvisionerFiles = Record<string, string>;

/**
 * Everything that the two containers run and read: their programs, one table of files an architecture,
 * and the bodies of the node writes, which come from the same functions as everybody else's.
 */
export function provisionerFiles(contract: NodeContract, assets: AssetSet): ProvisionerFiles {
  const assetSet = assetSetId(assets);
  const label = labelWrite(contract, assetSet);
  const taint = taintRemoval(contract, "INDEX");
  const removal = labelRemoval(contract);
  return {
    "install.sh": INSTALL_SCRIPT,
    "report.sh": REPORT_SCRIPT,
    "asset-set": `${assetSet}\n`,
    "label.json": JSON.stringify(label.body),
    "label.type": label.contentType,
    "taint.json": JSON.stringify(taint.body),
    "taint.type": taint.contentType,
    "label-removal.json": JSON.stringify(removal.body),
    "label-removal.type": removal.contentType,
    ...assetTables(assets),
  };
}

/** A hash over all files: pods carry it, so a change of any file rolls out. */
export function filesHash(files: ProvisionerFiles): string {
  const content = JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/** One line a file: name, mode, SHA-256 of the download, URL, and the archive's member or "-". */
function assetTables(assets: AssetSet): ProvisionerFiles {
  return Object.fromEntries(
    architectures.flatMap((architecture) => {
      const given = assets[architecture];
      if (!given) return [];
      const lines = installedFiles(given).map(({ name, mode, artefact }) =>
        [name, mode, artefact.sha256, artefact.url, artefact.archiveMember ?? "-"].join(" "),
      );
      return [[`${architecture}.assets`, `${lines.join("\n")}\n`]];
    }),
  );
}
