import { asFault, type Fault } from "./fault";
import { showPath } from "./show";

/** What an operation is about, for its errors. */
export interface Operation {
  /** The operation in the words of the session's interface, for example `read`. */
  name: string;
  /** The names of its path; `undefined` where it has none. */
  path?: readonly Uint8Array[] | undefined;
}

/**
 * An operation that failed. `code` is named like an errno: the server's (ENOENT, EACCES, EIO ...; EREMOTEIO where it names none
 * that is known), or this client's own: ECANCELED (aborted by its signal, whose reason is the `cause`), ETIMEDOUT, ECONNREFUSED,
 * ECONNRESET and other codes of the network and of TLS, EPROTO (the server broke the protocol; the session is closed),
 * EPROTONOSUPPORT (it speaks no version that this client does), ENOTCONN (the session is closed), EINVAL (an argument, or a
 * path that cannot be sent), EEXIST and EXDEV (see Session.rename).
 */
export class NinepError extends Error {
  readonly code: string;
  /** What was to be done: `connect`, `list`, `stat`, `read`, `remove` or `rename`. */
  readonly operation: string;
  /** The path for people, bytes that are not text written `\xNN`; `undefined` where the operation has none. */
  readonly path: string | undefined;
  /** The server's own words or number; `undefined` where the error is not the server's. */
  readonly serverText: string | undefined;

  constructor(fault: Fault, operation: Operation) {
    const path = operation.path === undefined ? undefined : showPath(operation.path);
    const about = path === undefined ? operation.name : `${operation.name} ${path}`;
    super(`${about}: ${fault.code}: ${fault.message}`, { cause: fault.cause });
    this.name = "NinepError";
    this.code = fault.code;
    this.operation = operation.name;
    this.path = path;
    this.serverText = fault.serverText;
  }
}

/** Anything thrown in an operation as its error. */
export function errorOf(error: unknown, operation: Operation): NinepError {
  return error instanceof NinepError ? error : new NinepError(asFault(error), operation);
}

/** Runs an operation; whatever it throws becomes its NinepError. */
export async function operate<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw errorOf(error, operation);
  }
}
