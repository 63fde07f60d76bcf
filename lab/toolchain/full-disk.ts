import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { errorMessage } from "./error-code";
import type { Go } from "./go-command";
import { BINARIES_GIB, COLD_BUILD_GIB } from "./versions";

/** Says whether a message or a log tells of a full disk. Pure. */
export function isFullDisk(text: string): boolean {
  return /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i.test(text);
}

/**
 * The error to throw for one that may come from a full disk: what is free where, how much is needed, and how to
 * move each folder elsewhere. Any other error is returned as it is.
 */
export async function explainFullDisk(error: unknown, cache: string, go?: Go): Promise<unknown> {
  if (!isFullDisk(errorMessage(error))) return error;
  const places = [
    { folder: cache, need: `the tools, ${BINARIES_GIB} GiB`, move: "KVM_FABRIC_CACHE" },
    ...(go === undefined
      ? []
      : [
          { folder: go.buildCache, need: "Go's build cache", move: "GOCACHE" },
          { folder: go.moduleCache, need: "Go's module cache", move: "GOMODCACHE" },
        ]),
  ];
  const lines = await Promise.all(
    places.map(async ({ folder, need, move }) => {
      return `  ${folder}: ${await freeSpace(folder)} free; ${need}; move it with ${move}=/other/folder`;
    }),
  );
  return new LabError("the disk is full", {
    hint: [`a first build takes about ${COLD_BUILD_GIB} GiB in all:`, ...lines].join("\n"),
    cause: error,
  });
}

async function freeSpace(folder: string): Promise<string> {
  for (let place = folder; ; place = path.dirname(place)) {
    try {
      const stat = await fs.statfs(place);
      return `${((stat.bavail * stat.bsize) / 2 ** 30).toFixed(1)} GiB`;
    } catch {
      if (place === path.dirname(place)) return "unknown space";
    }
  }
}
