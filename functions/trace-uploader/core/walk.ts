import { FileType, type Attributes, type DirectoryEntry } from "../ninep";
import { namesOf } from "./paths";
import type { RunContext } from "./run-context";
import { reasonOf, Verdict, verdictOf } from "./verdict";

/** Something that the walk came upon: a file, or with a reason something that nothing can be done about. */
export interface Walked {
  /** Its names from the root of what is served. */
  path: Buffer[];
  /** `undefined` where the server does not say. */
  attributes: Attributes | undefined;
  /** Why it cannot be moved; `undefined` for a file. */
  reason: string | undefined;
  /** Whether it is one of the folders that the walk began with. */
  isTop: boolean;
}

/** What a walk works with. */
export type WalkContext = Pick<RunContext, "server" | "settings" | "signal">;

/** So many folders are gone through in turn, so that an endless one does not keep others from their turn. */
const STRANDS = 4;
/** Folders in folders, at most; each that is open costs memory. */
const MOST_DEPTH = 32;
/** Bytes of a path, at most: what Linux takes. */
const MOST_PATH = 4096;

type Listing = AsyncGenerator<DirectoryEntry, void, undefined>;

/** A folder that is being gone through, and the ones in it that are, the innermost last. */
type Strand = { path: Buffer[]; listing: Listing; isTop: boolean }[];

/** All files below the folders, as they come; folders are entered, symbolic links are not followed. Errors: those that end the run. */
export async function* walk(context: WalkContext): AsyncGenerator<Walked, void, undefined> {
  const { server, settings, signal } = context;
  const open = (path: Buffer[], isTop = false) => {
    return { path, listing: server.list(path, { signal }), isTop };
  };
  const roots = settings.folders.map((folder) => namesOf(folder));
  const strands: Strand[] = roots.map((path) => [open(path, true)]);
  let missing = 0;
  try {
    for (let strand = strands.shift(); strand !== undefined; strand = strands.shift()) {
      const step = await nextEntry(context, strand);
      if (step === "gone") missing += Number(strand.at(-1)?.isTop === true);
      if (step === "gone" || step === "end") strand.pop();
      if (strand.length > 0) strands.push(strand);
      if (typeof step === "string") continue;
      const folder = folderOf(step);
      if (folder === undefined) yield step;
      else if (strands.length < STRANDS) strands.push([open(folder)]);
      else strand.push(open(folder));
    }
  } finally {
    for (const { listing } of strands.flat()) await listing.return();
  }
  if (missing >= roots.length && roots.length > 0) {
    const reason = "none of the folders is there";
    yield { path: roots[0] ?? [], attributes: undefined, reason, isTop: true };
  }
}

async function nextEntry(
  { server, signal }: WalkContext,
  strand: Strand,
): Promise<Walked | "end" | "gone"> {
  const innermost = strand.at(-1);
  if (innermost === undefined) return "end";
  try {
    const next = await innermost.listing.next();
    return next.done === true ? "end" : walkedOf(innermost.path, next.value);
  } catch (error) {
    const verdict = verdictOf(error, server, signal);
    if (verdict === Verdict.Gone) return "gone";
    if (verdict === Verdict.Stopped || verdict === Verdict.ServerDown) throw error;
    // A listing that failed is at its end; what it brought so far counts.
    const { path, isTop } = innermost;
    return { path, attributes: undefined, reason: reasonOf(error), isTop };
  }
}

function walkedOf(folder: readonly Buffer[], entry: DirectoryEntry): Walked {
  const path = [...folder, entry.name];
  const { attributes, error } = entry;
  return { path, attributes, reason: reasonAgainst(path, attributes, error), isTop: false };
}

function reasonAgainst(
  path: readonly Buffer[],
  attributes: Attributes | undefined,
  error: Error | undefined,
): string | undefined {
  if (error !== undefined) return reasonOf(error);
  if (path.reduce((bytes, name) => bytes + name.length + 1, 0) > MOST_PATH) {
    return `a path of more than ${MOST_PATH} bytes`;
  }
  switch (attributes?.type) {
    case FileType.File:
      return undefined;
    case FileType.Directory:
      return path.length > MOST_DEPTH ? `in more than ${MOST_DEPTH} folders` : undefined;
    case FileType.Symlink:
    case FileType.Other:
      return `not a file but a ${attributes.type === FileType.Symlink ? "symbolic link" : "device, pipe or socket"}`;
    case undefined:
      return "the server does not say what it is";
  }
}

/** The path of a folder that is to be entered. */
function folderOf({ path, attributes, reason }: Walked): Buffer[] | undefined {
  const enters = attributes?.type === FileType.Directory && reason === undefined;
  return enters ? path : undefined;
}
