import type { Attributes } from "./attributes";
import { removeFile, renameFile } from "./change-files";
import { Fault } from "./fault";
import type { Link } from "./link";
import { listDirectory, statFile, type DirectoryEntry } from "./list-directory";
import type { Version } from "./names";
import { errorOf, operate, type Operation } from "./ninep-error";
import { bytesOf, namesOf, type Path } from "./path";
import { readFile } from "./read-file";

/** What every operation takes. */
export interface OperationOptions {
  /** Gives the operation up: what is under way is flushed. Defaults to none. */
  signal?: AbortSignal;
}

/** How a file is read. */
export interface ReadOptions extends OperationOptions {
  /** Where to begin, in bytes. Defaults to 0. */
  offset?: number;
  /**
   * Whether a piece's memory is used again as soon as the next piece is asked for: then reading makes no garbage, but whoever
   * keeps a piece (a stream's queue does) finds other bytes in it later. Defaults to false: a piece stays as it is.
   */
  reuse?: boolean;
  /** The most reads that are under way at once, each of up to a message. Defaults to the session's. */
  window?: number;
}

/** What is held on the server's side at the moment. */
export interface Held {
  /** Requests that the server is not done with. */
  tags: number;
  /** Files that the server keeps for this session, the root included. */
  fids: number;
}

/**
 * A session with a server of 9P, made by `connect`. Operations may run at the same time. Every one fails with a NinepError; one
 * that breaks the session (network, time-out of a flush, a server that breaks the protocol) lets all others fail too, and `closed` says why.
 *
 * An operation that was given up may have happened on the server all the same.
 */
export class Session {
  readonly #link: Link;
  readonly #window: number;

  /** For `connect`. */
  constructor(link: Link, window: number) {
    this.#link = link;
    this.#window = window;
  }

  /** The version agreed. */
  get version(): Version {
    return this.#link.dialect.version;
  }

  /** Bytes of the longest message, as the server granted. */
  get msize(): number {
    return this.#link.msize;
  }

  /** Why the session can do nothing any more; `undefined` while it is open. */
  get closed(): Error | undefined {
    return this.#link.exchange.closed;
  }

  /** What the server holds for this session; one fid and no tag when nothing is under way. */
  get held(): Held {
    return { tags: this.#link.exchange.tags.taken, fids: this.#link.fids.taken };
  }

  /** The entries of a directory, as they come. Entries that go meanwhile may be left out. */
  async *list(
    path: Path,
    { signal }: OperationOptions = {},
  ): AsyncGenerator<DirectoryEntry, void, undefined> {
    try {
      yield* listDirectory(this.#link, namesOf(path), signal);
    } catch (error) {
      throw errorOf(error, operation("list", path));
    }
  }

  /** What the server says of a file. */
  stat(path: Path, { signal }: OperationOptions = {}): Promise<Attributes> {
    return operate(operation("stat", path), () => statFile(this.#link, namesOf(path), signal));
  }

  /**
   * The bytes of a file from an offset to its end, in pieces of up to a message. Memory stays at `window` messages whatever
   * the file's size, and the server is asked for no more while nobody takes pieces.
   */
  async *read(
    path: Path,
    { offset = 0, reuse = false, window = this.#window, signal }: ReadOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const names = namesOf(path);
      if (!Number.isSafeInteger(offset) || offset < 0) throw new Fault("EINVAL", "offset");
      if (!Number.isSafeInteger(window) || window < 1) throw new Fault("EINVAL", "window");
      yield* readFile(this.#link, names, { offset: BigInt(offset), reuse, window, signal });
    } catch (error) {
      throw errorOf(error, operation("read", path));
    }
  }

  /** Removes a file, not a directory. Errors: ENOENT where it is gone already; EISDIR. */
  remove(path: Path, { signal }: OperationOptions = {}): Promise<void> {
    return operate(operation("remove", path), () => removeFile(this.#link, namesOf(path), signal));
  }

  /**
   * Gives a file another name. Errors: EEXIST where the new name is taken, which is asked for first (not atomic); EXDEV for another
   * directory in 9P2000 and 9P2000.u, which can only change a name.
   */
  rename(from: Path, to: Path, { signal }: OperationOptions = {}): Promise<void> {
    return operate(operation("rename", from), () =>
      renameFile(this.#link, namesOf(from), namesOf(to), signal),
    );
  }

  /** Ends the session: the server forgets all its fids. Whatever is under way fails with ENOTCONN. */
  close(): void {
    this.#link.exchange.close(new Fault("ENOTCONN", "closed by this side"));
  }
}

function operation(name: string, path: Path): Operation {
  return { name, path: bytesOf(path) };
}
