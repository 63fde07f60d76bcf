/** Why a run ended before it was through. */
export const StopReason = {
  /** Its time was up, or it was told to. */
  Time: "time",
  /** The server of 9P was lost, or cannot be worked with. */
  Server: "server",
  /** The store was lost, or cannot be worked with. */
  Store: "store",
} as const;
export type StopReason = (typeof StopReason)[keyof typeof StopReason];

/** Something that could not be moved, for people. */
export interface Problem {
  /** Its path below the root, names encoded as in keys. */
  path: string;
  reason: string;
}

/** What became of a run. */
export interface Report {
  /** Files that were moved. */
  moved: number;
  /** Their bytes. */
  bytes: number;
  /** Files that are not whole yet, or changed, or were not come to. */
  waiting: number;
  /** Files and folders that are left alone for a while, because they fail by themselves. */
  setAside: number;
  /** Files and folders that failed in this run; those that are now set aside among them. */
  failed: number;
  /**
   * Seconds since the last change of the file that changed longest ago, of those that were seen and not moved and are not set aside; by
   * the clock of the server of 9P. 0 where there is none; `undefined` where not all folders were gone through to their ends, since the
   * oldest may be among what was not seen.
   */
  oldestAgeSeconds: number | undefined;
  /** Whether the run ended before it was through. */
  stoppedEarly: boolean;
  /** Why; `undefined` where it was through. */
  stopReason: StopReason | undefined;
  /** The error that ended it, in words; `undefined` where none did. */
  stopError: string | undefined;
  /** The first problems of this run, at most 20. */
  problems: Problem[];
  /** How long it took. */
  seconds: number;
}

/** The report as one line of JSON for a log. Pure. */
export function reportLine(report: Report): string {
  return JSON.stringify({ message: "trace upload", ...report });
}
