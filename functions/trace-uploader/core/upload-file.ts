import { StoreError, StoreFault } from "../stores/store-error";
import type { Digest, SourceIdentity, Upload } from "../stores/store";
import { readParts, type PartsSource, type ReadPart } from "./read-parts";
import type { RunContext } from "./run-context";
import { WorkWindow } from "./work-window";

/** How far a run came with a file. */
export interface Progress {
  /** Whether the store has more of it now than earlier runs had brought there. */
  made: boolean;
}

/** A file to upload. */
export interface UploadSource extends PartsSource {
  identity: SourceIdentity;
  progress: Progress;
  /** What its content must be, where its key says so. */
  sha256?: string;
  /** Asks whether the file is still as it was when it was looked at. */
  unchanged: () => Promise<boolean>;
}

/** Reads a file for its digest alone; `undefined` where it changed. */
export async function digestFile(
  { server, buffers, signal }: RunContext,
  source: UploadSource,
): Promise<Digest | undefined> {
  const parts = readParts(server, buffers, source, signal);
  for (;;) {
    const next = await parts.next();
    if (next.done === true) return next.value;
    buffers.give(next.value.bytes);
  }
}

/**
 * Reads a file and hands it to the store under a key. Returns what was read, whether or not the object has become that: another uploader
 * may have been faster, which the caller finds out by looking. `undefined` where the file changed meanwhile; then no object was made.
 * Errors: StoreError of kind `gone` or `exists` where the upload begun was somebody else's too, who ended it.
 */
export async function uploadFile(
  context: RunContext,
  key: string,
  source: UploadSource,
): Promise<Digest | undefined> {
  const upload = await context.store.begin(key, source.identity, context.signal);
  let finished = false;
  try {
    const digest = await putParts(context, upload, source);
    if (digest === undefined) return undefined;
    await upload.finish(digest, context.signal);
    source.progress.made = true;
    finished = true;
    return digest;
  } finally {
    if (!finished) await upload.abandon();
  }
}

/** Whether an error of the store says no more than that the key must be looked at again. */
export function isOvertaken(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  return error.kind === StoreFault.Exists || error.kind === StoreFault.Gone;
}

async function putParts(
  context: RunContext,
  upload: Upload,
  source: UploadSource,
): Promise<Digest | undefined> {
  const { server, buffers, store, settings, signal } = context;
  const parts = readParts(server, buffers, source, signal);
  const window = new WorkWindow(Math.min(settings.partsAtOnce, store.partsAtOnce));
  let there = 0;
  const put = async ({ part, bytes }: ReadPart): Promise<void> => {
    try {
      if (!upload.holds(part)) await upload.put(part, bytes, signal);
      if (++there > (upload.had ?? 0)) source.progress.made = true;
    } finally {
      buffers.give(bytes);
    }
  };
  try {
    for (;;) {
      const next = await parts.next();
      if (next.done === true) {
        await window.drain();
        return next.value;
      }
      // Only with the last part is it known what the file is; what changed until then never becomes an object.
      const isLast = next.value.fileSha256 !== undefined;
      if (isLast && !(await isUnchanged(next.value, source, context))) return undefined;
      await window.add(put(next.value));
    }
  } finally {
    await parts.return(undefined);
    await window.settle();
  }
}

/** Asks, and gives the part back where nothing more comes of it. */
async function isUnchanged(
  { bytes, fileSha256 }: ReadPart,
  source: UploadSource,
  { buffers }: RunContext,
): Promise<boolean> {
  let unchanged = false;
  try {
    const isExpected = source.sha256 === undefined || source.sha256 === fileSha256;
    unchanged = isExpected && (await source.unchanged());
    return unchanged;
  } finally {
    if (!unchanged) buffers.give(bytes);
  }
}
