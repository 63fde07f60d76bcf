import type { Store } from "../stores/store";
import type { BufferPool } from "./buffer-pool";
import type { Clock } from "./clock";
import type { FileServer } from "./file-server";
import type { RunSettings } from "./run-settings";

/** What every step of a run works with. */
export interface RunContext {
  readonly server: FileServer;
  readonly store: Store;
  readonly settings: RunSettings;
  readonly clock: Clock;
  readonly buffers: BufferPool;
  /** Given when the run is to stop, or must: everything that is under way is given up, and the next run goes on. */
  readonly signal: AbortSignal;
}
