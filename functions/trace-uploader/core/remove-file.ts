import { NinepError, type Attributes } from "../ninep";
import { NotRemovedError } from "./not-removed-error";
import type { RunContext } from "./run-context";
import { sameContents, sameFile } from "./same-file";
import { takenName } from "./taken-name";

/** What servers say that cannot rename, or not this, or let nobody: then the file is removed under its own name. */
const CANNOT_RENAME = new Set([
  "EACCES",
  "EINVAL",
  "ENAMETOOLONG",
  "ENOSYS",
  "ENOTSUPP",
  "EOPNOTSUPP",
  "EPERM",
  "EREMOTEIO",
  "EXDEV",
]);

/** What became of a removal. */
export interface Removal {
  /** False where the file changed; then it stays. */
  removed: boolean;
  /** Where the file lies, if it stays. */
  path: Uint8Array[];
}

/**
 * Removes a file whose contents the store has confirmed, if it is still that file. It is first given a name that nobody else uses: what is put
 * under its own name in this very moment stays. What stays under the other name is never given its own back, for servers let that replace
 * whatever has the name by then; it is moved under the other one. Errors: NinepError, with ENOENT where it is gone; NotRemovedError.
 */
export async function removeConfirmed(
  context: RunContext,
  path: Uint8Array[],
  confirmed: Attributes,
): Promise<Removal> {
  const { server, signal } = context;
  if (!sameContents(confirmed, await server.stat(path, { signal })))
    return { removed: false, path };
  const taken = await take(context, path);
  if (taken !== undefined && !sameFile(confirmed, await server.stat(taken, { signal }))) {
    return { removed: false, path: taken };
  }
  const place = taken ?? path;
  try {
    await server.remove(place, { signal });
  } catch (error) {
    throw new NotRemovedError(place, error);
  }
  return { removed: true, path: place };
}

/** Renames a file; `undefined` where that cannot be. */
async function take(
  { server, clock, signal }: RunContext,
  path: Uint8Array[],
): Promise<Uint8Array[] | undefined> {
  const name = path.at(-1);
  const other = name === undefined ? undefined : takenName(name, clock.token());
  if (other === undefined) return undefined;
  const target = [...path.slice(0, -1), other];
  try {
    await server.rename(path, target, { signal });
    return target;
  } catch (error) {
    if (error instanceof NinepError && CANNOT_RENAME.has(error.code)) return undefined;
    throw error;
  }
}
