import { createHash } from "node:crypto";
import type { Digest, Part } from "../stores/store";
import type { BufferPool } from "./buffer-pool";
import type { FileServer } from "./file-server";
import { PartFilling } from "./part-filling";

/** A file to read, as it was when it was looked at. */
export interface PartsSource {
  path: readonly Uint8Array[];
  /** Bytes; a file that is longer or shorter by now is not read to its end. */
  length: number;
  partLength: number;
}

/** A part with its bytes; whoever takes it gives the bytes back to the pool. */
export interface ReadPart {
  part: Part;
  bytes: Buffer;
  /** SHA-256 of the whole file, with its last part; `undefined` with the others. */
  fileSha256: string | undefined;
}

/**
 * Reads a file from byte 0 in parts, with the SHA-256 of each; the last part comes when the file is known to end there. Returns the digest
 * of all of it, `undefined` where the file is not as long as it was.
 */
export async function* readParts(
  server: FileServer,
  buffers: BufferPool,
  source: PartsSource,
  signal: AbortSignal,
): AsyncGenerator<ReadPart, Digest | undefined, undefined> {
  const { length } = source;
  const whole = createHash("sha256");
  const parts: Part[] = [];
  const done = (fileSha256?: string): ReadPart => {
    const { bytes } = filling;
    const part = filling.finish(fileSha256 ?? "");
    parts.push(part);
    return { part, bytes, fileSha256 };
  };
  let filling = await nextPart(buffers, source, parts);
  try {
    for await (const piece of server.read(source.path, { reuse: true, signal })) {
      let rest: Uint8Array = piece;
      while (rest.length > 0) {
        if (filling.full) {
          if (filling.end >= length) return undefined;
          yield done();
          filling = await nextPart(buffers, source, parts);
        }
        const taken = filling.add(rest);
        whole.update(taken);
        rest = rest.subarray(taken.length);
      }
    }
    if (filling.end !== length) return undefined;
    const sha256 = whole.digest("hex");
    yield done(sha256);
    return { length, sha256, parts };
  } finally {
    if (!filling.finished) buffers.give(filling.bytes);
  }
}

async function nextPart(
  buffers: BufferPool,
  { length, partLength }: PartsSource,
  before: readonly Part[],
): Promise<PartFilling> {
  const index = before.length;
  const offset = index * partLength;
  const bytes = await buffers.take(Math.min(partLength, length - offset));
  return new PartFilling(bytes, { index, offset, hashed: length > partLength });
}
