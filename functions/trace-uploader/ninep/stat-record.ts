import { FileType, nanoseconds, sizeOf, type Attributes } from "./attributes";
import { ByteReader } from "./byte-reader";
import type { ByteWriter } from "./byte-writer";
import { violation } from "./fault";
import { Dm, DONT_TOUCH, Qt } from "./names";

/** A file as 9P2000 and 9P2000.u describe it: stat(5). */
export interface StatRecord {
  name: Buffer;
  attributes: Attributes;
}

/** Bytes of a record's fields of fixed size, its own size left out: type[2] to length[8]. */
const FIXED_BYTES = 2 + 4 + 13 + 4 + 4 + 4 + 8;

/** Reads one record, its size first. `unix` adds the fields of 9P2000.u. Errors: Fault EPROTO. */
export function readStatRecord(body: ByteReader, unix: boolean): StatRecord {
  const record = new ByteReader(body.bytes(body.u16()));
  record.skip(2 + 4);
  const qid = record.qid();
  const mode = record.u32();
  record.skip(4);
  const mtime = record.u32();
  const length = record.u64();
  const name = record.text();
  const texts = unix ? 4 : 3; // Names of owner, group and last writer; in .u a special file's text.
  for (let text = 0; text < texts; text++) record.text();
  if (unix) record.skip(3 * 4); // The numbers of the three.
  record.end();
  return {
    name: Buffer.from(name),
    attributes: {
      qid,
      type: typeOf(mode, qid.type, unix),
      size: sizeOf(length),
      mtimeNanoseconds: nanoseconds(BigInt(mtime)),
      exclusive: has(mode, Dm.EXCL) || has(qid.type, Qt.EXCL),
    },
  };
}

/** Reads an Rstat's body: a record in a second frame that repeats its size (stat(5), BUGS). */
export function readFramedStat(body: ByteReader, unix: boolean): StatRecord {
  const frame = body.u16();
  if (frame !== body.remaining) throw violation("an Rstat's record is not as long as it says");
  return readStatRecord(body, unix);
}

/** Writes a Twstat's record that changes the name alone and says of all else not to touch it. */
export function writeRename(body: ByteWriter, name: Uint8Array, unix: boolean): void {
  const texts = unix ? 4 : 3;
  const size = FIXED_BYTES + 2 + name.length + texts * 2 + (unix ? 3 * 4 : 0);
  body.u16(size + 2);
  body.u16(size);
  body.u16(DONT_TOUCH.u16);
  body.u32(DONT_TOUCH.u32);
  body.u8(0xff);
  body.u32(DONT_TOUCH.u32);
  body.u64(DONT_TOUCH.u64);
  for (let field = 0; field < 3; field++) body.u32(DONT_TOUCH.u32);
  body.u64(DONT_TOUCH.u64);
  body.text(name);
  for (let text = 0; text < texts; text++) body.text(Buffer.alloc(0));
  if (unix) for (let number = 0; number < 3; number++) body.u32(DONT_TOUCH.u32);
}

function typeOf(mode: number, qidType: number, unix: boolean): FileType {
  if (has(mode, Dm.DIR) || has(qidType, Qt.DIR)) return FileType.Directory;
  if (!unix) return FileType.File;
  if (has(mode, Dm.SYMLINK) || has(qidType, Qt.SYMLINK)) return FileType.Symlink;
  const special = has(mode, Dm.DEVICE) || has(mode, Dm.NAMEDPIPE) || has(mode, Dm.SOCKET);
  return special ? FileType.Other : FileType.File;
}

function has(bits: number, bit: number): boolean {
  return (bits & bit) !== 0;
}
