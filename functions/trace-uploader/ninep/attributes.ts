import type { Qid } from "./byte-reader";
import { Mode } from "./names";

/** What a file is. */
export const FileType = {
  File: "file",
  Directory: "directory",
  /** Shown as itself by 9P2000.L and .u; a server of 9P2000 follows it. */
  Symlink: "symlink",
  /** A device, a pipe, a socket: reading it may take for ever. */
  Other: "other",
} as const;
export type FileType = (typeof FileType)[keyof typeof FileType];

/** What every dialect says of a file. */
export interface Attributes {
  qid: Qid;
  type: FileType;
  /** Bytes; one beyond 2^53 - 1, which no file has, is given as that. */
  size: number;
  /** Last change of the contents, since 1970; 9P2000 and .u know whole seconds. */
  mtimeNanoseconds: bigint;
  /** Exclusive use: one client at a time may have it open (9P2000 and .u; else false). */
  exclusive: boolean;
}

/** A length as a number, see {@link Attributes.size}. */
export function sizeOf(length: bigint): number {
  return Number(length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : length);
}

/** The time as nanoseconds. */
export function nanoseconds(seconds: bigint, rest = 0n): bigint {
  return seconds * 1_000_000_000n + rest;
}

/** What a mode of stat(2) says. */
export function typeOfMode(mode: number): FileType {
  switch (mode & Mode.MASK) {
    case Mode.DIRECTORY:
      return FileType.Directory;
    case Mode.FILE:
      return FileType.File;
    case Mode.SYMLINK:
      return FileType.Symlink;
    default:
      return FileType.Other;
  }
}
