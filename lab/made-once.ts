import * as fs from "node:fs";
import * as path from "node:path";
import { withLock } from "./lock";

/**
 * Makes a folder of the cache, unless it is there: in a partial one that takes its name at the end, so what a kill leaves is
 * never taken for whole. Whoever wants the same meanwhile waits; `what` tells for what. Errors: those of `make`.
 */
export async function madeOnce(
  folder: string,
  what: string,
  make: (partial: string) => Promise<void>,
): Promise<void> {
  if (fs.existsSync(folder)) return;
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const makeIt = async (): Promise<void> => {
    if (fs.existsSync(folder)) return;
    const partial = `${folder}.partial`;
    fs.rmSync(partial, { recursive: true, force: true });
    fs.mkdirSync(partial);
    await make(partial);
    fs.renameSync(partial, folder);
  };
  await withLock(`${folder}.lock`, makeIt, { what });
}
