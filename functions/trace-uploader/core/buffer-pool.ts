/**
 * The memory of the parts under way, which is all that grows with the size of files: at most so many bytes at a time, or one buffer alone,
 * which the stores bound. A buffer of the right size is used again.
 */
export class BufferPool {
  readonly #most: number;
  readonly #free: Buffer[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** `most` in bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that are in use. */
  get taken(): number {
    return this.#taken;
  }

  /** A buffer of so many bytes; waits for one to come back while there is no room. Its contents are whatever they are. */
  async take(bytes: number): Promise<Buffer> {
    while (this.#taken > 0 && this.#taken + bytes > this.#most) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#taken += bytes;
    const index = this.#free.findIndex(({ length }) => length === bytes);
    const [fitting] = index === -1 ? [] : this.#free.splice(index, 1);
    if (fitting !== undefined) return fitting;
    this.#free.length = 0; // Of other sizes: what is kept must not add up.
    return Buffer.allocUnsafeSlow(bytes);
  }

  /** Gives one back. */
  give(buffer: Buffer): void {
    this.#taken -= buffer.length;
    this.#free.push(buffer);
    while (this.#free.length > 0 && this.#taken + sum(this.#free) > this.#most) this.#free.shift();
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function sum(buffers: readonly Buffer[]): number {
  return buffers.reduce((bytes, { length }) => bytes + length, 0);
}
