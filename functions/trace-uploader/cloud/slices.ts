import { Readable } from "node:stream";

/** Bytes that are handed to a connection at once. TLS keeps a copy, encrypted, of all that it was handed: of a whole part that is a second one. */
const SLICE_BYTES = 256 * 1024;

/** A body in slices, of which each is taken when the one before is on its way. One that is no longer than a slice stays what it is. */
export function inSlices(body: Uint8Array): Readable | Uint8Array {
  return body.length <= SLICE_BYTES ? body : Readable.from(slices(body));
}

function* slices(body: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}
