import { createHash, type Hash } from "node:crypto";
import type { Part } from "../stores/store";

/** A part of a file while it is read: memory that fills up, and its hash. */
export class PartFilling {
  readonly bytes: Buffer;
  readonly #index: number;
  readonly #offset: number;
  readonly #hash: Hash | undefined;
  #used = 0;
  #finished = false;

  /** `hashed` is false for a file's only part, whose hash is the file's. */
  constructor(bytes: Buffer, place: { index: number; offset: number; hashed: boolean }) {
    this.bytes = bytes;
    this.#index = place.index;
    this.#offset = place.offset;
    this.#hash = place.hashed ? createHash("sha256") : undefined;
  }

  /** Where the bytes end in the file. */
  get end(): number {
    return this.#offset + this.#used;
  }

  /** Whether there is no room left. */
  get full(): boolean {
    return this.#used === this.bytes.length;
  }

  /** Whether the part was finished, and so belongs to somebody else. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Copies what there is room for and returns it. */
  add(piece: Uint8Array): Uint8Array {
    const taken = piece.subarray(0, this.bytes.length - this.#used);
    this.bytes.set(taken, this.#used);
    this.#hash?.update(taken);
    this.#used += taken.length;
    return taken;
  }

  /** The part, when it is full. */
  finish(wholeFile: string): Part {
    this.#finished = true;
    const sha256 = this.#hash?.digest("hex") ?? wholeFile;
    return { index: this.#index, offset: this.#offset, length: this.bytes.length, sha256 };
  }
}
