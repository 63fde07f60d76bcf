/** A client of 9P for Node.js without a mount: what the uploader uses of it. */
export { FileType, type Attributes } from "./attributes";
export type { Qid } from "./byte-reader";
export { connect, MOST_MSIZE, NINEP_PORT, openSession } from "./connect";
export type { ConnectOptions, SessionOptions } from "./connect";
export type { DirectoryEntry } from "./list-directory";
export { Version } from "./names";
export { NinepError } from "./ninep-error";
export type { Path } from "./path";
export type { Held, OperationOptions, ReadOptions, Session } from "./session";
export { showName, showPath } from "./show";
export type { TlsOptions } from "./socket";
export type { Transport } from "./transport";
