import { nanoseconds, sizeOf, typeOfMode, type Attributes } from "./attributes";
import { ByteReader } from "./byte-reader";
import type { Dialect, Place, Renaming } from "./dialect";
import type { DirectoryPiece, ListedName } from "./directory-piece";
import { faultOfNumber, violation } from "./fault";
import { Getattr, Lopen, Type, Version } from "./names";
import { attachRequest, readOpened, type Request } from "./requests";

/** 9P2000.L, the dialect of Linux's own client: diod's protocol.md. */
export const linuxDialect: Dialect = {
  version: Version.Linux,
  errorType: Type.Rlerror,
  readError: (body) => faultOfNumber(body.u32()),
  attach: (fid, { uname, aname, numericUser }) => attachRequest({ fid, uname, aname, numericUser }),
  open: (fid) => ({
    type: Type.Tlopen,
    write: (body) => {
      body.u32(fid);
      // Whatever lies there, opening neither follows a link nor waits for a pipe's writer.
      body.u32(Lopen.RDONLY | Lopen.LARGEFILE | Lopen.NOFOLLOW | Lopen.NONBLOCK);
    },
    read: readOpened,
  }),
  stat: getattrRequest,
  readDirectory: readdirRequest,
  unlink: ({ directory, name }) => ({
    type: Type.Tunlinkat,
    write: (body) => {
      body.u32(directory);
      body.text(name);
      body.u32(0); // No flags: files only.
    },
    read: () => undefined,
  }),
  rename: (renaming) => [renameatRequest(renaming.from, renaming.to), renameRequest(renaming)],
  movesBetweenDirectories: true,
};

const NEEDED = Getattr.MODE | Getattr.MTIME | Getattr.SIZE;

function getattrRequest(fid: number): Request<Attributes> {
  return {
    type: Type.Tgetattr,
    write: (body) => {
      body.u32(fid);
      body.u64(Getattr.BASIC);
    },
    read: (body) => {
      const valid = body.u64();
      if ((valid & NEEDED) !== NEEDED) throw violation("an Rgetattr without mode, size or time");
      const qid = body.qid();
      const mode = body.u32();
      body.skip(4 + 4 + 8 + 8); // uid, gid, nlink, rdev
      const size = sizeOf(body.u64());
      body.skip(8 + 8 + 16); // blksize, blocks, atime
      const mtimeNanoseconds = nanoseconds(body.u64(), body.u64());
      body.skip(16 + 16 + 8 + 8); // ctime, btime, gen, data_version
      return { qid, type: typeOfMode(mode), size, mtimeNanoseconds, exclusive: false };
    },
  };
}

function readdirRequest(fid: number, from: bigint, count: number): Request<DirectoryPiece> {
  return {
    type: Type.Treaddir,
    write: (body) => {
      body.u32(fid);
      body.u64(from);
      body.u32(count);
    },
    read: (body) => readEntries(new ByteReader(body.data(count)), from),
  };
}

/** Reads entries: `qid[13] offset[8] type[1] name[s]`; the last one's offset is where the next piece begins. */
function readEntries(body: ByteReader, from: bigint): DirectoryPiece {
  const names: ListedName[] = [];
  let next: bigint | undefined;
  while (body.remaining > 0) {
    const qid = body.qid();
    next = body.u64();
    body.skip(1);
    const name = body.text();
    names.push({ name: Buffer.from(name), qid, attributes: undefined });
  }
  if (next === from) throw violation("a directory's listing stands still");
  return { names, next };
}

function renameatRequest(from: Place, to: Place): Request<undefined> {
  return {
    type: Type.Trenameat,
    write: (body) => {
      body.u32(from.directory);
      body.text(from.name);
      body.u32(to.directory);
      body.text(to.name);
    },
    read: () => undefined,
  };
}

function renameRequest({ file, to }: Renaming): Request<undefined> {
  return {
    type: Type.Trename,
    write: (body) => {
      body.u32(file);
      body.u32(to.directory);
      body.text(to.name);
    },
    read: () => undefined,
  };
}
