import type { Attributes } from "../ninep";
import { keyStart } from "./paths";
import type { RunContext } from "./run-context";
import { timeOf } from "./keys";
import { Verdict, verdictOf } from "./verdict";

/** Less than this is not written down: the age of files is for alarms of minutes and hours. */
const WORTH_NOTING_SECONDS = 60;

/**
 * What time it is for the server of 9P, whose clock may be wrong and gives files their times. The protocol does not say it; but a folder's
 * time is the server's at that moment when a file in it has just been removed. What was measured is noted in the store for runs that
 * remove nothing. Until a first file was removed, both clocks count as the same.
 */
export class ServerClock {
  readonly #context: RunContext;
  #notedSeconds = 0;
  #measuredSeconds: number | undefined;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** Reads what earlier runs measured. Errors: StoreError. */
  async load(): Promise<void> {
    const { store, signal } = this.#context;
    let last = "";
    for await (const key of store.notes(this.#folder, signal)) if (key > last) last = key;
    const [, offset] = /_(-?\d+)\.json$/.exec(last) ?? [];
    if (offset !== undefined) this.#notedSeconds = Number(offset);
  }

  /**
   * Does some work that may remove a file in a folder, and takes the time from the removal, once a run: where nothing was removed, whatever
   * changed the folder meanwhile says nothing of now. Errors: those of the work; none of its own after it, for it is done by then.
   */
  async measure<T>(
    folder: readonly Uint8Array[],
    work: () => Promise<T>,
    hasRemoved: (result: T) => boolean,
  ): Promise<T> {
    if (this.#measuredSeconds !== undefined) return work();
    const before = await this.#timeOf(folder);
    const result = await work();
    if (before === undefined || !hasRemoved(result)) return result;
    const after = await this.#timeOf(folder).catch(() => undefined);
    // A server that leaves a folder's time as it is, or has no finer time, says nothing with it.
    if (after !== undefined && after > before) {
      this.#measuredSeconds = after - this.#context.clock.wallSeconds();
    }
    return result;
  }

  /** Notes what was measured, if it differs from what is noted. Errors: StoreError. */
  async save(signal: AbortSignal): Promise<void> {
    const measured = this.#measuredSeconds;
    if (measured === undefined) return;
    if (Math.abs(measured - this.#notedSeconds) < WORTH_NOTING_SECONDS) return;
    const { clock, store } = this.#context;
    const at = timeOf(BigInt(Math.round(clock.wallSeconds() * 1000)) * 1_000_000n);
    const offset = Math.round(measured);
    const body = JSON.stringify({ serverAheadSeconds: offset });
    await store.note(`${this.#folder}${at}_${offset}.json`, body, signal);
  }

  /** How long ago that was for the server, in seconds; 0 for what is to come. */
  ageSeconds(mtimeNanoseconds: bigint): number {
    const offset = this.#measuredSeconds ?? this.#notedSeconds;
    const now = this.#context.clock.wallSeconds() + offset;
    return Math.max(0, now - secondsOf(mtimeNanoseconds));
  }

  get #folder(): string {
    return `${keyStart(this.#context.settings)}.clock/`;
  }

  async #timeOf(folder: readonly Uint8Array[]): Promise<number | undefined> {
    const { server, signal } = this.#context;
    let attributes: Attributes;
    try {
      attributes = await server.stat(folder, { signal });
    } catch (error) {
      const verdict = verdictOf(error, server, signal);
      if (verdict === Verdict.Stopped || verdict === Verdict.ServerDown) throw error;
      return undefined;
    }
    return secondsOf(attributes.mtimeNanoseconds);
  }
}

function secondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) / 1000;
}
