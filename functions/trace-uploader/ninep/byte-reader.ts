import { violation } from "./fault";
import { QID_BYTES } from "./names";

/** The server's identity of one file (intro(5)): two files are the same if and only if their qids are. */
export interface Qid {
  /** Bits of what it is, see `Qt`. */
  type: number;
  /** Changes with its contents, on servers that count; some always send 0. */
  version: number;
  path: bigint;
}

/**
 * Reads the fields of one message in order and never beyond its end. All numbers are little-endian (intro(5)). What it
 * hands out are views of the message, not copies. Errors: Fault EPROTO where a field does not fit.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  /** Leaves out fields that nobody needs. */
  skip(count: number): void {
    this.#take(count);
  }

  bytes(count: number): Buffer {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A string as its bytes: `length[2] text[length]`. */
  text(): Buffer {
    return this.bytes(this.u16());
  }

  /** Data of a reply: `count[4] data[count]`. Errors: also where it is more than was asked for. */
  data(asked: number): Buffer {
    const count = this.u32();
    if (count > asked) throw violation(`${count} bytes where ${asked} were asked for`);
    return this.bytes(count);
  }

  qid(): Qid {
    if (this.remaining < QID_BYTES) throw violation("a qid ends too early");
    return { type: this.u8(), version: this.u32(), path: this.u64() };
  }

  /** Says that all has been read. Errors: Fault EPROTO where something is left. */
  end(): void {
    if (this.remaining > 0) throw violation(`${this.remaining} bytes too many in a message`);
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) throw violation("a field goes beyond its message");
    this.#at = start + count;
    return start;
  }
}
