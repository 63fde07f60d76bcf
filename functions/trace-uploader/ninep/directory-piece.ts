import type { Attributes } from "./attributes";
import type { Qid } from "./byte-reader";

/** One name of a directory as a server lists it. */
export interface ListedName {
  /** Its bytes as they came, a copy: any but what a path may not have can be there, and even those where a server is hostile. */
  name: Buffer;
  qid: Qid;
  /** What the listing itself says of it; `undefined` in 9P2000.L, where it must be asked for. */
  attributes: Attributes | undefined;
}

/** Some names of a directory. */
export interface DirectoryPiece {
  names: ListedName[];
  /** Where the next piece begins; `undefined` at the end. */
  next: bigint | undefined;
}
