/**
 * What the uploader asks of a store of objects. Everything is create-only: a store is never asked to delete or to replace an object, so
 * the rights it needs are to create and to get (and to list, where the store needs that to say that an object is not there, and for
 * notes). All methods fail with a StoreError (store-error.ts); the kind of it says what becomes of the run.
 *
 * The rules that the uploader keeps, for who writes a store:
 *
 * - A file is read from byte 0 in every run. Its parts are numbered from 0, all `partLength` long but the last; an empty file is one
 *   part of length 0.
 * - `put` is called in order of the parts, with at most {@link Store.partsAtOnce} under way; a part that `holds` is left out. The bytes
 *   belong to the uploader and are used again once `put` is done: keep no reference to them.
 * - The last part is put only after the file was read to its end and is unchanged; so an object of one part may come into being by `put`
 *   already, where the store has a request that makes it whole and create-only.
 * - After `finish` the uploader asks `find` and `matches` before it believes; so `finish` need not read back.
 * - Two uploaders may do the same at the same time with the same key: what one of them does must not break the other's object, and
 *   a torn mix of both must never become an object that `matches` accepts.
 */
export interface Store {
  /**
   * Bytes of the parts of a file of this length: 8 MiB, up to 32 MiB where the store takes fewer parts than that makes. It depends on the
   * length alone, so that a later run cuts the same parts. Errors: kind `refused` where even those are too many.
   */
  partLength(length: number): number;
  /** How many parts of one file may be put at the same time: 1 where the store takes them one after the other. */
  readonly partsAtOnce: number;
  /** The object of a key, `undefined` where there is none. An upload that is not finished is not an object. */
  find(key: string, signal: AbortSignal): Promise<StoredObject | undefined>;
  /** Begins an upload, or goes on with the one that was begun for the same key and source. */
  begin(key: string, source: SourceIdentity, signal: AbortSignal): Promise<Upload>;
  /** Makes a small object, at most 16 KiB of JSON. One that is there already stays as it is, and that is no error. */
  note(key: string, body: string, signal: AbortSignal): Promise<void>;
  /** The keys of all objects whose key begins with this text, as they come. */
  notes(prefix: string, signal: AbortSignal): AsyncIterable<string>;
}

/** What file an upload is of. */
export interface SourceIdentity {
  /** The path below the root of what is served, as people read it; may be put into the object's metadata (ASCII only, at most 1 KiB). */
  path: string;
  /** Bytes. */
  length: number;
  /** Last change, ISO 8601 in UTC with nanoseconds. */
  modified: string;
}

/** An object that is whole. */
export interface StoredObject {
  /** Bytes. */
  length: number;
  /**
   * Whether the object has exactly this content: by the SHA-256 that the store itself computed where it keeps one, else by reading the
   * object back and hashing it. Errors: never for content that differs, which is `false`.
   */
  matches(digest: Digest, signal: AbortSignal): Promise<boolean>;
}

/** A part of a file. */
export interface Part {
  /** From 0. */
  index: number;
  /** Where it begins in the file, in bytes. */
  offset: number;
  /** Bytes. */
  length: number;
  /** SHA-256 of its bytes, 64 lower-case hexadecimal digits. */
  sha256: string;
}

/** What was read of a file. */
export interface Digest {
  /** Bytes. */
  length: number;
  /** SHA-256 of all of it, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** All its parts, in order; one of length 0 for an empty file. */
  parts: readonly Part[];
}

/** An object that is being made. */
export interface Upload {
  /** How many parts the store had when it was begun here, from earlier runs. Defaults to 0. */
  readonly had?: number;
  /** Whether the store has this part with this very content from an earlier run. */
  holds(part: Part): boolean;
  /** Hands a part over; done when the store has confirmed it. */
  put(part: Part, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Makes the object of the parts, if its key is still free. Errors: kind `exists` where it is not, `gone` where the upload is no more. */
  finish(digest: Digest, signal: AbortSignal): Promise<void>;
  /** Says that this upload is not gone on with in this run; what the store holds may stay for the next. Never fails. */
  abandon(): Promise<void>;
}

/** Bytes of a part where the store sets no limit that asks for longer ones: 8 MiB. */
export const PART_BYTES = 8 * 1024 * 1024;

/**
 * Bytes of the longest part, 32 MiB: parts are held in memory, and whoever writes traces says how long a file is (a sparse one costs
 * nothing). A file that would need longer ones is refused before anything of it is read.
 */
export const MOST_PART_BYTES = 32 * 1024 * 1024;
