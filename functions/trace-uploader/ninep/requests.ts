import type { ByteReader, Qid } from "./byte-reader";
import type { ByteWriter } from "./byte-writer";
import { violation } from "./fault";
import { NOFID, Type } from "./names";

/** One request (T-message) and how to read its reply (R-message, whose type is the request's and one). */
export interface Request<Reply> {
  type: number;
  /** Writes the body: what follows size, type and tag. */
  write: (body: ByteWriter) => void;
  /** Reads the body of the reply. Errors: Fault EPROTO. */
  read: (body: ByteReader) => Reply;
}

const nothing = (): undefined => undefined;

/** What a server grants: the longest message in bytes, and a version of the protocol. */
export interface Granted {
  msize: number;
  version: Buffer;
}

/** Asks for a version and for messages of at most `msize` bytes, and begins a session: version(5). */
export function versionRequest(msize: number, version: string): Request<Granted> {
  return {
    type: Type.Tversion,
    write: (body) => {
      body.u32(msize);
      body.text(Buffer.from(version));
    },
    read: (body) => ({ msize: body.u32(), version: body.text() }),
  };
}

/** Asks that a request be given up: flush(5). */
export function flushRequest(oldTag: number): Request<undefined> {
  return {
    type: Type.Tflush,
    write: (body) => {
      body.u16(oldTag);
    },
    read: nothing,
  };
}

/** Who attaches to what. */
export interface Attachment {
  fid: number;
  uname: string;
  aname: string;
  /** The number of the user, a field that 9P2000 has not: there `undefined`. */
  numericUser: number | undefined;
}

/** Makes a fid the root of what is served, without authentication: attach(5). */
export function attachRequest(attachment: Attachment): Request<Qid> {
  const { fid, uname, aname, numericUser } = attachment;
  return {
    type: Type.Tattach,
    write: (body) => {
      body.u32(fid);
      body.u32(NOFID);
      body.text(Buffer.from(uname));
      body.text(Buffer.from(aname));
      if (numericUser !== undefined) body.u32(numericUser);
    },
    read: (body) => body.qid(),
  };
}

/**
 * Makes `newFid` what lies some names below `fid`: walk(5). It does so only where the reply has as many qids as there are
 * names; there are at most MAXWELEM.
 */
export function walkRequest(
  fid: number,
  newFid: number,
  names: readonly Uint8Array[],
): Request<Qid[]> {
  return {
    type: Type.Twalk,
    write: (body) => {
      body.u32(fid);
      body.u32(newFid);
      body.u16(names.length);
      for (const name of names) body.text(name);
    },
    read: (body) => {
      const count = body.u16();
      if (count > names.length) throw violation(`${count} qids for ${names.length} names`);
      return Array.from({ length: count }, () => body.qid());
    },
  };
}

/** Reads at most `count` bytes of an open file, of a directory in 9P2000 and 9P2000.u: read(5). No bytes are its end. */
export function readRequest(fid: number, offset: bigint, count: number): Request<Buffer> {
  return {
    type: Type.Tread,
    write: (body) => {
      body.u32(fid);
      body.u64(offset);
      body.u32(count);
    },
    read: (body) => body.data(count),
  };
}

/** Forgets a fid, which is free even where the server refuses: clunk(5). */
export function clunkRequest(fid: number): Request<undefined> {
  return fidRequest(Type.Tclunk, fid);
}

/** Removes the file of a fid and forgets the fid, even where it refuses to remove: remove(5). */
export function removeRequest(fid: number): Request<undefined> {
  return fidRequest(Type.Tremove, fid);
}

function fidRequest(type: number, fid: number): Request<undefined> {
  return {
    type,
    write: (body) => {
      body.u32(fid);
    },
    read: nothing,
  };
}

/** A file that is open. */
export interface Opened {
  qid: Qid;
  /** So many bytes are surely transferred at once; 0 where the server does not say. */
  iounit: number;
}

/** Reads the reply to an open of any dialect. */
export function readOpened(body: ByteReader): Opened {
  return { qid: body.qid(), iounit: body.u32() };
}
