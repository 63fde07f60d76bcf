import type { Attributes } from "./attributes";
import type { ByteReader, Qid } from "./byte-reader";
import type { DirectoryPiece } from "./directory-piece";
import type { Fault } from "./fault";
import { linuxDialect } from "./dialect-linux";
import { plan9Dialect } from "./dialect-plan9";
import { Version } from "./names";
import type { Opened, Request } from "./requests";

/** A place in a directory: the fid of the directory, and a name in it. */
export interface Place {
  directory: number;
  name: Uint8Array;
}

/** A name that is to become another. */
export interface Renaming {
  from: Place;
  to: Place;
  /** A fid of the file itself. */
  file: number;
}

/** What differs between the versions of the protocol; all else is in `requests.ts`. */
export interface Dialect {
  version: Version;
  /** The type of the message that says that a request failed. */
  errorType: number;
  /** Reads that message. */
  readError(body: ByteReader): Fault;
  attach(fid: number, user: User): Request<Qid>;
  /** Opens a file or a directory for reading. */
  open(fid: number): Request<Opened>;
  stat(fid: number): Request<Attributes>;
  /** Reads a piece of an open directory that is at most `count` bytes long. */
  readDirectory(fid: number, from: bigint, count: number): Request<DirectoryPiece>;
  /** Removes a name; `undefined` where only Tremove is there. */
  unlink?: (place: Place) => Request<undefined>;
  /** Ways to rename, the best first: the next is for servers that know not the one before. */
  rename(renaming: Renaming): Request<undefined>[];
  /** Whether a rename can move a file into another directory. */
  movesBetweenDirectories: boolean;
}

/** Who attaches. */
export interface User {
  uname: string;
  aname: string;
  /** The user's number, for servers that go by it; all bits set where there is none. */
  numericUser: number;
}

/** The dialect of a version. */
export function dialectOf(version: Version): Dialect {
  switch (version) {
    case Version.Linux:
      return linuxDialect;
    case Version.Unix:
      return plan9Dialect(true);
    case Version.Plan9:
      return plan9Dialect(false);
  }
}
