import { violation } from "./fault";
import type { MessageMemory } from "./message-memory";
import { HEADER_BYTES } from "./names";

/**
 * Cuts a stream of bytes into messages. Holds at most one message that is not whole, and never makes room for more than a
 * message may have. Messages are copies: the chunk may be used again. Errors: Fault EPROTO for a size that cannot be; nothing
 * is to be read after it.
 */
export class Frames {
  /** Bytes that a message may have; changes once, when the server has granted. */
  limit: number;
  readonly #memory: MessageMemory;
  readonly #message: (message: Buffer) => void;
  /** The start of a size field that came in pieces. */
  readonly #size = Buffer.alloc(4);
  #partial: Buffer | undefined;
  /** Bytes of `#partial`, or of `#size` while there is none. */
  #filled = 0;

  constructor(limit: number, memory: MessageMemory, message: (message: Buffer) => void) {
    this.limit = limit;
    this.#memory = memory;
    this.#message = message;
  }

  /** Bytes of a message that has begun and is not whole. */
  get pending(): number {
    return this.#filled;
  }

  /** Takes bytes as they come and hands on the messages that are whole with them. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#take(chunk, at);
  }

  #take(chunk: Buffer, at: number): number {
    if (this.#partial !== undefined) return this.#fill(this.#partial, chunk, at);
    if (this.#filled === 0 && chunk.length - at >= 4) {
      return this.#begin(this.#checked(chunk.readUInt32LE(at)), chunk, at);
    }
    const taken = Math.min(4 - this.#filled, chunk.length - at);
    chunk.copy(this.#size, this.#filled, at, at + taken);
    this.#filled += taken;
    if (this.#filled === 4) {
      this.#begin(this.#checked(this.#size.readUInt32LE(0)), this.#size, 0);
    }
    return at + taken;
  }

  #begin(size: number, chunk: Buffer, at: number): number {
    this.#partial = this.#memory.take(size);
    this.#filled = 0;
    return this.#fill(this.#partial, chunk, at);
  }

  #fill(partial: Buffer, chunk: Buffer, at: number): number {
    const taken = Math.min(partial.length - this.#filled, chunk.length - at);
    chunk.copy(partial, this.#filled, at, at + taken);
    this.#filled += taken;
    if (this.#filled === partial.length) {
      this.#partial = undefined;
      this.#filled = 0;
      this.#message(partial);
    }
    return at + taken;
  }

  #checked(size: number): number {
    if (size < HEADER_BYTES || size > this.limit) {
      throw violation(`a message of ${size} bytes where ${HEADER_BYTES} to ${this.limit} may be`);
    }
    return size;
  }
}
