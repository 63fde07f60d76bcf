/** Shorter messages are not worth keeping the memory of. */
const WORTH_BYTES = 4096;

/**
 * Memory for messages as they come in. What a reader gives back is used again, so that reading a large file makes no garbage:
 * V8 lets 64 MiB of it gather, which is more than a small function has.
 */
export class MessageMemory {
  /** The most pieces that are kept. */
  readonly #most: number;
  readonly #free: ArrayBufferLike[] = [];
  /** Pieces that are of one message alone; anything else is never taken back. */
  readonly #own = new WeakSet<ArrayBufferLike>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Memory for a message of so many bytes, with anything in it. */
  take(size: number): Buffer {
    if (size < WORTH_BYTES) return Buffer.allocUnsafe(size);
    const last = this.#free.at(-1);
    if (last !== undefined && last.byteLength >= size) {
      this.#free.pop();
      this.#own.add(last);
      return Buffer.from(last, 0, size);
    }
    const fresh = Buffer.allocUnsafeSlow(size);
    this.#own.add(fresh.buffer);
    return fresh;
  }

  /** Takes the memory of a message back, which nobody may look at any more. `part` is any part of the message. */
  give(part: Uint8Array): void {
    if (!this.#own.delete(part.buffer) || this.#free.length >= this.#most) return;
    this.#free.push(part.buffer);
  }
}
