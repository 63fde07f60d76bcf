import type { Qid } from "./byte-reader";
import { Fault } from "./fault";
import { Fid } from "./fid";
import type { Link } from "./link";
import { Qt } from "./names";
import type { Request } from "./requests";

/** What servers answer to a request that they have not; the older one is to be used then (diod's protocol.md). */
const UNKNOWN = new Set(["ENOTSUPP", "EOPNOTSUPP", "ENOSYS"]);

/** Removes a file. Errors: Fault EISDIR for a directory. */
export async function removeFile(
  link: Link,
  names: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { unlink } = link.dialect;
  const name = names.at(-1);
  if (unlink !== undefined && name !== undefined) {
    const done = await withFid(link, names.slice(0, -1), signal, (directory) =>
      first(link, directory, [unlink({ directory: directory.number, name })], signal),
    );
    if (done) return;
  }
  await withFid(link, names, signal, (file, qid) => {
    // Tremove takes empty directories too.
    if (qid === undefined || (qid.type & Qt.DIR) !== 0) throw new Fault("EISDIR", "is a directory");
    return file.remove(signal);
  });
}

/**
 * Gives a file another name. What has that name already is not replaced, which is asked for before: another client can still make
 * one in between. Errors: Fault EEXIST; EXDEV for another directory in 9P2000 and 9P2000.u, whose Twstat has no place for one.
 */
export async function renameFile(
  link: Link,
  from: readonly Uint8Array[],
  to: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const [oldName, newName] = [from.at(-1), to.at(-1)];
  if (oldName === undefined || newName === undefined) {
    throw new Fault("EINVAL", "the root cannot be renamed");
  }
  const [oldPlace, newPlace] = [from.slice(0, -1), to.slice(0, -1)];
  if (!link.dialect.movesBetweenDirectories && !same(oldPlace, newPlace)) {
    throw new Fault("EXDEV", `${link.dialect.version} cannot move a file between directories`);
  }
  if (await exists(link, to, signal)) throw new Fault("EEXIST", "the new name is taken");
  await withFid(link, from, signal, (file) =>
    withFid(link, oldPlace, signal, (oldDirectory) =>
      withFid(link, newPlace, signal, async (newDirectory) => {
        const ways = link.dialect.rename({
          from: { directory: oldDirectory.number, name: oldName },
          to: { directory: newDirectory.number, name: newName },
          file: file.number,
        });
        if (!(await first(link, file, ways, signal))) {
          throw new Fault("EOPNOTSUPP", "the server cannot rename");
        }
      }),
    ),
  );
}

/** Sends the first request that the server knows; false where it knows none. */
async function first(
  link: Link,
  fid: Fid,
  ways: readonly Request<undefined>[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const way of ways) {
    if (link.unknownRequests.has(way.type)) continue;
    try {
      await fid.ask(way, signal);
      return true;
    } catch (error) {
      if (!(error instanceof Fault) || !UNKNOWN.has(error.code)) throw error;
      link.unknownRequests.add(way.type);
    }
  }
  return false;
}

async function exists(
  link: Link,
  names: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return await withFid(link, names, signal, () => Promise.resolve(true));
  } catch (error) {
    if (error instanceof Fault && error.code === "ENOENT") return false;
    throw error;
  }
}

async function withFid<T>(
  link: Link,
  names: readonly Uint8Array[],
  signal: AbortSignal | undefined,
  use: (fid: Fid, qid: Qid | undefined) => Promise<T>,
): Promise<T> {
  const fid = new Fid(link);
  try {
    const qid = await fid.walk(names, signal);
    return await use(fid, qid);
  } finally {
    fid.release();
  }
}

function same(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return (
    left.length === right.length &&
    left.every((name, index) => Buffer.from(name).equals(right[index] ?? Buffer.alloc(0)))
  );
}
