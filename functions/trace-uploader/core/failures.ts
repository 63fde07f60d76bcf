import type { Aside, AsideNotes } from "./aside-notes";
import type { Tally } from "./tally";

/** What failed, and why. */
export interface Failure extends Aside {
  reason: string;
  /** Hours to leave it alone. */
  hours: number;
}

/** What the store refuses may be the store's own fault, as long as it takes nothing else. */
const MOST_REFUSED = 2;

/** So many notes are made in a run: whoever makes files that fail must not make as many requests to the store. */
const MOST_NOTES = 200;

/** Sets files aside that fail by themselves. */
export class Failures {
  readonly #notes: AsideNotes;
  readonly #tally: Tally;
  readonly #refused: Failure[] = [];
  readonly #later: Failure[] = [];
  #noted = 0;

  constructor(notes: AsideNotes, tally: Tally) {
    this.#notes = notes;
    this.#tally = tally;
  }

  /** Something fails on the server's side. Errors: StoreError. */
  async add(failure: Failure, signal: AbortSignal): Promise<void> {
    this.#tally.fail(failure.path, failure.reason);
    await this.#setAside(failure, signal);
  }

  /** The store does not take a file. It is set aside once it is clear that the store takes others. Errors: StoreError. */
  async refuse(failure: Failure, signal: AbortSignal): Promise<void> {
    this.#tally.fail(failure.path, failure.reason);
    this.#refused.push(failure);
    if (this.#tally.moved > 0) await this.#flush(this.#refused, signal);
  }

  /** Something fails when nothing may be asked of the store any more in this run but the last notes. */
  addLater(failure: Failure): void {
    this.#tally.fail(failure.path, failure.reason);
    this.#later.push(failure);
  }

  /** At the end of a run: a few refused files are their own fault, many are the store's where it took nothing else. Errors: StoreError. */
  async end(signal: AbortSignal): Promise<void> {
    await this.#flush(this.#later, signal);
    if (this.#tally.moved > 0 || this.#refused.length <= MOST_REFUSED) {
      await this.#flush(this.#refused, signal);
    }
  }

  /** When nothing more is noted: what was not set aside after all ages. */
  keepRest(): void {
    for (const { attributes } of [...this.#later, ...this.#refused]) {
      this.#tally.keep(attributes?.mtimeNanoseconds);
    }
  }

  async #flush(failures: Failure[], signal: AbortSignal): Promise<void> {
    for (let next = failures.shift(); next !== undefined; next = failures.shift()) {
      await this.#setAside(next, signal);
    }
  }

  async #setAside(failure: Failure, signal: AbortSignal): Promise<void> {
    if (++this.#noted > MOST_NOTES) {
      this.#tally.keep(failure.attributes?.mtimeNanoseconds);
      return;
    }
    try {
      await this.#notes.add(failure, failure, signal);
    } catch (error) {
      this.#later.push(failure);
      throw error;
    }
    this.#tally.setAside++;
  }
}
