import { Fault } from "./fault";

/** Numbers from 0 up that are taken and given back: tags and fids. One given back is taken again before a new one. */
export class NumberPool {
  readonly #limit: number;
  readonly #what: string;
  readonly #taken = new Set<number>();
  /** Free ones below `#next`. */
  readonly #free: number[] = [];
  #next = 0;

  /** Numbers below `limit`; `what` names them in errors. */
  constructor(limit: number, what: string) {
    this.#limit = limit;
    this.#what = what;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken.size;
  }

  /** Errors: Fault EAGAIN where all are taken. */
  take(): number {
    const number = this.#free.pop() ?? this.#fresh();
    this.#taken.add(number);
    return number;
  }

  /** Gives one back; one that is not taken is a fault of this program. */
  give(number: number): void {
    if (!this.#taken.delete(number)) throw new Error(`${this.#what} ${number} is not taken`);
    this.#free.push(number);
  }

  #fresh(): number {
    if (this.#next >= this.#limit) {
      throw new Fault("EAGAIN", `all ${this.#limit} ${this.#what}s are taken`);
    }
    return this.#next++;
  }
}
