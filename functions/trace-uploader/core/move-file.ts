import type { Attributes } from "../ninep";
import type { Digest } from "../stores/store";
import { encodePath, objectKey, otherContentKey, pathHash, timeOf } from "./keys";
import { belowRoot, keyStart } from "./paths";
import { removeConfirmed } from "./remove-file";
import type { RunContext } from "./run-context";
import { sameContents } from "./same-file";
import { digestFile, isOvertaken, uploadFile } from "./upload-file";
import type { Progress, UploadSource } from "./upload-file";

/** What became of a file. */
export const Moved = {
  /** The store has it, and it is removed. */
  Done: "done",
  /** It changed meanwhile: it stays, and is looked at again. */
  Changed: "changed",
  /** The store does not say that it has what was read: it stays. */
  Unconfirmed: "unconfirmed",
} as const;
export type Moved = (typeof Moved)[keyof typeof Moved];

/** What became of it, and where it lies if it stays. */
export interface MoveResult {
  outcome: Moved;
  path: Uint8Array[];
}

/** So often a file is tried where other uploaders come in between, or the store loses an upload. */
const TRIES = 3;
/** So many keys a file may have, where the ones before have other content: another file's, or what the store has damaged. */
const MOST_KEYS = 10;
/** The longest text of metadata that stores take. */
const MOST_METADATA = 1024;

/**
 * Moves one file: reads it, has the store make an object of it, has the object confirmed, removes the file. Everything may be done again
 * from any point: the key is the file's, objects are only ever made where there is none, and what is there already is compared with what is
 * read now. What comes of it meanwhile is put down in `progress`. Errors: NinepError, StoreError, NotRemovedError; the file then stays.
 */
export async function moveFile(
  context: RunContext,
  path: Uint8Array[],
  attributes: Attributes,
  progress: Progress,
): Promise<MoveResult> {
  const source = { ...sourceOf(context, path, attributes), progress };
  const key = await keyOf(context, path, attributes);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const outcome = await storeFile(context, key, source);
    if (outcome === "absent") continue;
    if (outcome !== Moved.Done) return { outcome, path };
    const removal = await removeConfirmed(context, path, attributes);
    return { outcome: removal.removed ? Moved.Done : Moved.Changed, path: removal.path };
  }
  return { outcome: Moved.Unconfirmed, path };
}

/**
 * Makes sure that the store has the file, at its key or, where that has other content, at one that the content names. `absent` where there
 * is no object although one was made.
 */
async function storeFile(
  context: RunContext,
  key: string,
  source: UploadSource,
): Promise<Moved | "absent"> {
  let at = key;
  let known: Digest | undefined;
  for (let count = 1; count < MOST_KEYS; count++) {
    const there = await storeAt(context, at, source, known);
    if (typeof there === "string") return there;
    // Of what the store damages one more object is tried, not many.
    if (there.made && known !== undefined) return Moved.Unconfirmed;
    known = there.digest;
    at = otherContentKey(key, known.sha256, count);
  }
  return Moved.Unconfirmed;
}

/** A key whose object has other content than the file. */
interface OtherContent {
  digest: Digest;
  /** Whether the object was made just now. */
  made: boolean;
}

/** As {@link storeFile} for one key. */
async function storeAt(
  context: RunContext,
  key: string,
  source: UploadSource,
  known?: Digest,
): Promise<Moved | OtherContent | "absent"> {
  const { store, signal } = context;
  const there = await store.find(key, signal);
  let digest = known;
  try {
    if (there === undefined) {
      const sha256 = known && { sha256: known.sha256 };
      digest = await uploadFile(context, key, { ...source, ...sha256 });
    } else {
      digest ??= await digestFile(context, source);
    }
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    digest ??= await digestFile(context, source);
  }
  if (digest === undefined) return Moved.Changed;
  const object = there ?? (await store.find(key, signal));
  if (object === undefined) return "absent";
  const same = object.length === digest.length && (await object.matches(digest, signal));
  return same ? Moved.Done : { digest, made: there === undefined };
}

async function keyOf(
  { store, settings, signal }: RunContext,
  path: readonly Uint8Array[],
  attributes: Attributes,
): Promise<string> {
  const below = belowRoot(settings, path);
  const { key, shortened } = objectKey(settings.prefix, below, attributes);
  if (shortened) {
    const body = JSON.stringify({ path: encodePath(below) });
    await store.note(`${keyStart(settings)}.paths/${pathHash(below)}.json`, body, signal);
  }
  return key;
}

function sourceOf(
  { server, settings, store, signal }: RunContext,
  path: readonly Uint8Array[],
  attributes: Attributes,
): Omit<UploadSource, "progress"> {
  const { size, mtimeNanoseconds } = attributes;
  return {
    path,
    length: size,
    partLength: store.partLength(size),
    identity: {
      path: encodePath(belowRoot(settings, path)).slice(0, MOST_METADATA),
      length: size,
      modified: timeOf(mtimeNanoseconds),
    },
    unchanged: async () => sameContents(attributes, await server.stat(path, { signal })),
  };
}
