import { gzip } from "pako";

/**
 * Compresses a text to a gzip file without a name and without a time, which is the same for the same text on every
 * machine and with every version of Node: what is part of a launch template must not change by itself. Node's own
 * compressor promises no such thing; this one is the same as long as its version is, which is pinned.
 */
export function gzipped(text: string): Buffer {
  return Buffer.from(gzip(text, { level: 9 }));
}
