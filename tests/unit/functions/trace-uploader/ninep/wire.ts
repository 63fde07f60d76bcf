/** Messages as the manual pages lay them out, written and read apart from the client's own code. */

const number = (bytes: number, value: number | bigint): Buffer => {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt(value));
  return field.subarray(0, bytes);
};
export const u8 = (value: number) => number(1, value);
export const u16 = (value: number) => number(2, value);
export const u32 = (value: number) => number(4, value);
export const u64 = (value: number | bigint) => number(8, value);
export const text = (value: string | Buffer) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u16(bytes.length), bytes]);
};
export const data = (value: Buffer) => Buffer.concat([u32(value.length), value]);

export interface TestQid {
  type: number;
  version: number;
  path: bigint;
}
export const qid = ({ type, version, path }: TestQid) =>
  Buffer.concat([u8(type), u32(version), u64(path)]);

/** A whole message: `size[4] type[1] tag[2] fields`. */
export function message(type: number, tag: number, ...fields: Buffer[]): Buffer {
  const body = Buffer.concat(fields);
  return Buffer.concat([u32(7 + body.length), u8(type), u16(tag), body]);
}

export interface TestStat {
  qid: TestQid;
  mode: number;
  mtime: number;
  length: bigint;
  name: Buffer;
}

/** A record of stat(5), with the fields of 9P2000.u where `unix`. */
export function statRecord({ qid: id, mode, mtime, length, name }: TestStat, unix: boolean) {
  const fields = Buffer.concat([
    ...[u16(7), u32(9), qid(id), u32(mode), u32(1), u32(mtime), u64(length)],
    ...[text(name), text("glenda"), text("sys"), text("glenda")],
    ...(unix ? [text(""), u32(1), u32(2), u32(3)] : []),
  ]);
  return Buffer.concat([u16(fields.length), fields]);
}

/** Reads fields in order; for well-formed messages only. */
export class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  number(size: 1 | 2 | 4): number {
    const value = this.bytes.readUIntLE(this.at, size);
    this.at += size;
    return value;
  }

  u64(): bigint {
    const value = this.bytes.readBigUInt64LE(this.at);
    this.at += 8;
    return value;
  }

  text(): Buffer {
    const size = this.number(2);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

/** A request as a server sees it. */
export interface Received {
  type: number;
  tag: number;
  body: Cursor;
  whole: Buffer;
}

/** Cuts what a client sends into requests. */
export class Requests {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Received[] {
    const found: Received[] = [];
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= this.#rest.readUInt32LE(0)) {
      const size = this.#rest.readUInt32LE(0);
      const whole = this.#rest.subarray(0, size);
      this.#rest = this.#rest.subarray(size);
      const body = new Cursor(whole, 7);
      found.push({ type: whole.readUInt8(4), tag: whole.readUInt16LE(5), body, whole });
    }
    return found;
  }
}
