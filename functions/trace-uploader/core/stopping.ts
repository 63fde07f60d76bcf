import { StoreError } from "../stores/store-error";
import type { Clock } from "./clock";
import type { FileServer } from "./file-server";
import { StopReason, type Report } from "./report";
import { reasonOf, Verdict, verdictOf } from "./verdict";

/** How a run comes to its end: by itself, because its time is up, or because the server or the store is not there. */
export class Stopping {
  readonly #server: FileServer;
  readonly #controller = new AbortController();
  /** Ends with the run, stopped or not: what waits for time waits no longer. */
  readonly #over = new AbortController();
  readonly #from: AbortSignal | undefined;
  #reason: StopReason | undefined;
  #error: unknown;
  #timeIsUp = false;

  constructor(clock: Clock, server: FileServer, runSeconds: number, from?: AbortSignal) {
    this.#server = server;
    this.#from = from;
    from?.addEventListener("abort", this.#told);
    if (from?.aborted === true) this.#told();
    if (runSeconds === Infinity) return;
    void clock.sleep(runSeconds, this.#over.signal).then(() => {
      if (this.#over.signal.aborted) return;
      this.#timeIsUp = true;
      this.#stop(StopReason.Time);
    });
  }

  /** Given when everything under way is to be given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the run was ended because its time was up. */
  get timeIsUp(): boolean {
    return this.#timeIsUp;
  }

  /** Does a part of the run; an error of it stops the whole run. */
  async guard(work: () => Promise<void>): Promise<void> {
    if (this.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      const verdict = verdictOf(error, this.#server, this.signal);
      if (verdict === Verdict.Stopped) return;
      this.#error = error;
      this.#stop(error instanceof StoreError ? StopReason.Store : StopReason.Server);
    }
  }

  /** Does the last of the run, stopped or not. */
  async end(work: () => Promise<void>): Promise<void> {
    this.#over.abort();
    this.#from?.removeEventListener("abort", this.#told);
    // A store that was lost is not asked again; nobody waits for it twice.
    if (this.#reason === StopReason.Store) return;
    try {
      await work();
    } catch (error) {
      this.#error ??= error;
      this.#reason ??= StopReason.Store;
    }
  }

  /** What the report says of it. */
  report(): Pick<Report, "stopError" | "stoppedEarly" | "stopReason"> {
    return {
      stoppedEarly: this.#reason !== undefined,
      stopReason: this.#reason,
      stopError: this.#error === undefined ? undefined : reasonOf(this.#error),
    };
  }

  readonly #told = (): void => {
    this.#stop(StopReason.Time);
  };

  #stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}
