import type { RunSettings } from "./run-settings";

/** The names of a folder that is given as text. Pure. */
export function namesOf(folder: string): Buffer[] {
  return folder
    .split("/")
    .filter((name) => name !== "")
    .map((name) => Buffer.from(name));
}

/** The names that a key has of a path: those below the root. Pure. */
export function belowRoot(
  { root }: Pick<RunSettings, "root">,
  path: readonly Uint8Array[],
): readonly Uint8Array[] {
  return path.slice(namesOf(root).length);
}

/** What every key begins with. Pure. */
export function keyStart({ prefix }: Pick<RunSettings, "prefix">): string {
  return prefix === "" ? "" : `${prefix}/`;
}
