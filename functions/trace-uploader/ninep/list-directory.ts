import type { Attributes } from "./attributes";
import type { Qid } from "./byte-reader";
import type { ListedName } from "./directory-piece";
import { asFault, Fault } from "./fault";
import { Fid } from "./fid";
import { mostData, type Link } from "./link";
import { Qt } from "./names";
import { errorOf, type NinepError } from "./ninep-error";
import { isDots, isSendable, unsendable } from "./path";

/** One name of a directory. */
export interface DirectoryEntry {
  /** Its bytes as the server sent them. A hostile server can send any, even what no path may have (see `Path`). */
  name: Buffer;
  qid: Qid;
  /** What it is; `undefined` where the server refuses to say, see `error`. */
  attributes: Attributes | undefined;
  /** Why there are no attributes; EINVAL for a name that no path may have. */
  error: NinepError | undefined;
}

/** So many names are asked about at once where the listing says nothing of them. */
const ASKED_AT_ONCE = 32;

/** A name that was there when it was listed and is no more. */
const GONE = new Set(["ENOENT", "ESTALE"]);

/**
 * The names of a directory but `.` and `..`, as they come; in 9P2000.L each is asked about. Names that go meanwhile are left
 * out. In memory are one piece of the listing (at most a message) and the names that are asked about.
 */
export async function* listDirectory(
  link: Link,
  path: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): AsyncGenerator<DirectoryEntry, void, undefined> {
  const queue: Promise<DirectoryEntry | undefined>[] = [];
  for await (const listed of listNames(link, path, signal)) {
    const entry = describe(link, path, listed, signal);
    entry.catch(() => undefined); // Who waits for it hears of it.
    queue.push(entry);
    if (queue.length < ASKED_AT_ONCE) continue;
    const first = await queue.shift();
    if (first !== undefined) yield first;
  }
  for (const entry of queue) {
    const described = await entry;
    if (described !== undefined) yield described;
  }
}

async function* listNames(
  link: Link,
  path: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): AsyncGenerator<ListedName, void, undefined> {
  const fid = new Fid(link);
  try {
    await fid.walk(path, signal);
    const { qid } = await fid.ask(link.dialect.open(fid.number), signal);
    if ((qid.type & Qt.DIR) === 0) throw new Fault("ENOTDIR", "not a directory");
    let from: bigint | undefined = 0n;
    while (from !== undefined) {
      const request = link.dialect.readDirectory(fid.number, from, mostData(link));
      const { names, next } = await fid.ask(request, signal);
      yield* names.filter(({ name }) => !isDots(name));
      from = next;
    }
  } finally {
    fid.release();
  }
}

async function describe(
  link: Link,
  path: readonly Uint8Array[],
  { name, qid, attributes }: ListedName,
  signal: AbortSignal | undefined,
): Promise<DirectoryEntry | undefined> {
  const whole = [...path, name];
  const operation = { name: "list", path: whole };
  if (!isSendable(name)) {
    const error = errorOf(unsendable(), operation);
    return { name, qid, attributes, error };
  }
  if (attributes !== undefined) return { name, qid, attributes, error: undefined };
  try {
    return { name, qid, attributes: await statFile(link, whole, signal), error: undefined };
  } catch (error) {
    const { code } = asFault(error);
    if (GONE.has(code)) return undefined;
    if (link.exchange.closed !== undefined || signal?.aborted === true) throw error;
    return { name, qid, attributes: undefined, error: errorOf(error, operation) };
  }
}

/** What a server says of one file. */
export async function statFile(
  link: Link,
  names: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<Attributes> {
  const fid = new Fid(link);
  try {
    await fid.walk(names, signal);
    return await fid.ask(link.dialect.stat(fid.number), signal);
  } finally {
    fid.release();
  }
}
