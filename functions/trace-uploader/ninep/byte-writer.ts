import { Fault } from "./fault";

/**
 * Writes the fields of one message in order, little-endian (intro(5)), into a piece of memory that it reuses. Errors: Fault
 * EINVAL where a message would be longer than `limit` bytes or a string than its 2-byte length says.
 */
export class ByteWriter {
  readonly #limit: number;
  #bytes = Buffer.alloc(256);
  #at = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  u8(value: number): void {
    this.#at = this.#room(1).writeUInt8(value, this.#at);
  }

  u16(value: number): void {
    this.#at = this.#room(2).writeUInt16LE(value, this.#at);
  }

  u32(value: number): void {
    this.#at = this.#room(4).writeUInt32LE(value, this.#at);
  }

  u64(value: bigint): void {
    this.#at = this.#room(8).writeBigUInt64LE(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length).set(value, this.#at);
    this.#at += value.length;
  }

  /** A string: `length[2] text[length]`. */
  text(value: Uint8Array): void {
    if (value.length > 0xffff) throw new Fault("EINVAL", "a name of more than 65535 bytes");
    this.u16(value.length);
    this.bytes(value);
  }

  /** Starts anew. */
  clear(): void {
    this.#at = 0;
  }

  /** What has been written as a message of its own, its size in the first four bytes. */
  message(): Buffer {
    this.#bytes.writeUInt32LE(this.#at, 0);
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  #room(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#limit) {
      throw new Fault("EINVAL", `a request of more than the session's ${this.#limit} bytes`);
    }
    if (end > this.#bytes.length) {
      const grown = Buffer.alloc(Math.min(this.#limit, Math.max(end, this.#bytes.length * 2)));
      this.#bytes.copy(grown, 0, 0, this.#at);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}
