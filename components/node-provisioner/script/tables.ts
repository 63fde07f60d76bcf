import {
  type ArchitectureAssets,
  architectures,
  type AssetSet,
  assetSetId,
  installedFiles,
} from "../asset-set";
import { gateDefaults } from "../boot-gate";

/**
 * What the script reads below `$FILES`, by file name: `asset-set` (the id), `mirrors` (one a line), and for each
 * architecture `<name>.table` (the files) and `<name>.gate` (the throwaway microVM).
 */
export function provisionTables(set: AssetSet): Record<string, string> {
  const tables: Record<string, string> = {
    "asset-set": `${assetSetId(set)}\n`,
    ...(set.mirrors && { mirrors: lines(set.mirrors) }),
  };
  for (const architecture of architectures) {
    const assets = set[architecture];
    if (!assets) continue;
    tables[`${architecture}.table`] = fileTable(assets);
    const gate = gateTable(assets);
    if (gate !== undefined) tables[`${architecture}.gate`] = gate;
  }
  return tables;
}

/** One line a file: name, mode, SHA-256, size in bytes, member of the archive, SHA-256 of that; "-" for none; the URL. */
function fileTable(assets: ArchitectureAssets): string {
  return lines(
    installedFiles(assets).map(({ name, mode, artefact }) => {
      const { sha256, sizeBytes, archiveMember, memberSha256, url } = artefact;
      const size = sizeBytes === undefined ? "-" : String(sizeBytes);
      return [name, mode, sha256, size, archiveMember ?? "-", memberSha256 ?? "-", url].join(" ");
    }),
  );
}

/** Undefined where there is nothing to boot: neither Firecracker nor a command of another VMM. */
function gateTable(assets: ArchitectureAssets): string | undefined {
  const { gate } = assets;
  if (!gate && !assets.vmm) return undefined;
  const { expect, seconds, memoryMib, kernelArguments, mode } = { ...gateDefaults, ...gate };
  const words = gate?.command?.map((word) => `word ${word}`);
  return lines([
    `kernel ${assets.kernel.fileName ?? "vmlinux"}`,
    `rootfs ${assets.rootfs?.fileName ?? "rootfs.ext4"}`,
    `expect ${expect}`,
    `seconds ${String(seconds)}`,
    `mode ${mode}`,
    ...(words ?? [
      `vmm ${assets.vmm?.fileName ?? "firecracker"}`,
      `memory ${String(memoryMib)}`,
      `arguments ${kernelArguments}`,
    ]),
  ]);
}

function lines(given: string[]): string {
  return given.map((line) => `${line}\n`).join("");
}
