import { NinepError } from "../ninep";
import { StoreError, StoreFault } from "../stores/store-error";
import type { FileServer } from "./file-server";

/** What an error means for the run. */
export const Verdict = {
  /** The run was told to stop, or its time is up. */
  Stopped: "stopped",
  /** The server of 9P cannot be worked with: no file's fault. */
  ServerDown: "server down",
  /** The store cannot be worked with: no file's fault. */
  StoreDown: "store down",
  /** The file is not there any more. */
  Gone: "gone",
  /** Somebody has the file for himself. */
  Busy: "busy",
  /** The store does not take this object, or not as it was sent. */
  Refused: "refused",
  /** The file itself. */
  File: "file",
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

const GONE = new Set(["ENOENT", "ESTALE"]);
const BUSY = new Set(["EBUSY", "ETXTBSY", "EAGAIN", "EDEADLK"]);

/** What an error means. Pure. */
export function verdictOf(error: unknown, server: FileServer, signal: AbortSignal): Verdict {
  if (signal.aborted) return Verdict.Stopped;
  if (error instanceof StoreError) {
    return error.kind === StoreFault.Unavailable ? Verdict.StoreDown : Verdict.Refused;
  }
  if (server.closed !== undefined) return Verdict.ServerDown;
  if (!(error instanceof NinepError)) return Verdict.File;
  if (GONE.has(error.code)) return Verdict.Gone;
  return BUSY.has(error.code) ? Verdict.Busy : Verdict.File;
}

/** An error in words, for notes and the log. */
export function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.slice(0, 500);
}
