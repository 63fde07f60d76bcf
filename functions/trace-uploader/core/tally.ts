import { encodePath } from "./keys";
import type { Problem, Report } from "./report";

const SHOWN_PROBLEMS = 20;

/** Counts what becomes of files. */
export class Tally {
  moved = 0;
  bytes = 0;
  waiting = 0;
  setAside = 0;
  failed = 0;
  readonly problems: Problem[] = [];
  /** Whether all there is was come upon: before that nobody knows which file is the oldest. */
  isComplete = false;
  #oldest: bigint | undefined;

  /** A file that stays for the next run. */
  leave(mtimeNanoseconds: bigint | undefined): void {
    this.waiting++;
    this.#age(mtimeNanoseconds);
  }

  /** Something that failed in this run. Paths are below the root. */
  fail(path: readonly Uint8Array[], reason: string): void {
    this.failed++;
    if (this.problems.length >= SHOWN_PROBLEMS) return;
    this.problems.push({ path: encodePath(path), reason });
  }

  /** A file that failed and is not set aside: it ages. */
  keep(mtimeNanoseconds: bigint | undefined): void {
    this.#age(mtimeNanoseconds);
  }

  /** What was counted. */
  report(
    age: (mtimeNanoseconds: bigint) => number,
  ): Pick<
    Report,
    "bytes" | "failed" | "moved" | "oldestAgeSeconds" | "problems" | "setAside" | "waiting"
  > {
    const { moved, bytes, waiting, setAside, failed, problems } = this;
    const oldest = this.#oldest === undefined ? 0 : Math.round(age(this.#oldest));
    const oldestAgeSeconds = this.isComplete ? oldest : undefined;
    return { moved, bytes, waiting, setAside, failed, oldestAgeSeconds, problems };
  }

  #age(mtimeNanoseconds: bigint | undefined): void {
    if (mtimeNanoseconds === undefined) return;
    if (this.#oldest === undefined || mtimeNanoseconds < this.#oldest) {
      this.#oldest = mtimeNanoseconds;
    }
  }
}
