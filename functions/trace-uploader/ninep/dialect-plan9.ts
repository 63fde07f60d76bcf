import type { Attributes } from "./attributes";
import { ByteReader } from "./byte-reader";
import type { Dialect, Renaming } from "./dialect";
import type { DirectoryPiece, ListedName } from "./directory-piece";
import { faultOfText } from "./fault";
import { OREAD, Type, Version } from "./names";
import { attachRequest, readOpened, readRequest, type Request } from "./requests";
import { readFramedStat, readStatRecord, writeRename } from "./stat-record";

/** 9P2000, or with `unix` 9P2000.u, which adds fields: section 5 of Plan 9's manual and the draft of the Unix extension. */
export function plan9Dialect(unix: boolean): Dialect {
  return {
    version: unix ? Version.Unix : Version.Plan9,
    errorType: Type.Rerror,
    readError: (body) => {
      const text = body.text();
      return faultOfText(text, unix ? body.u32() : undefined);
    },
    attach: (fid, { uname, aname, numericUser }) =>
      attachRequest({ fid, uname, aname, numericUser: unix ? numericUser : undefined }),
    open: (fid) => ({
      type: Type.Topen,
      write: (body) => {
        body.u32(fid);
        body.u8(OREAD);
      },
      read: readOpened,
    }),
    stat: (fid) => statRequest(fid, unix),
    readDirectory: (fid, from, count) => directoryRequest(fid, from, count, unix),
    rename: (renaming) => [wstatRequest(renaming, unix)],
    movesBetweenDirectories: false,
  };
}

function statRequest(fid: number, unix: boolean): Request<Attributes> {
  return {
    type: Type.Tstat,
    write: (body) => {
      body.u32(fid);
    },
    read: (body) => readFramedStat(body, unix).attributes,
  };
}

/** A directory is read as a file is; what comes are whole records (read(5)). */
function directoryRequest(
  fid: number,
  from: bigint,
  count: number,
  unix: boolean,
): Request<DirectoryPiece> {
  const read = readRequest(fid, from, count);
  return {
    ...read,
    read: (body) => {
      const data = read.read(body);
      const records = new ByteReader(data);
      const names: ListedName[] = [];
      while (records.remaining > 0) {
        const { name, attributes } = readStatRecord(records, unix);
        names.push({ name, qid: attributes.qid, attributes });
      }
      return { names, next: data.length === 0 ? undefined : from + BigInt(data.length) };
    },
  };
}

function wstatRequest({ file, to }: Renaming, unix: boolean): Request<undefined> {
  return {
    type: Type.Twstat,
    write: (body) => {
      body.u32(file);
      writeRename(body, to.name, unix);
    },
    read: () => undefined,
  };
}
