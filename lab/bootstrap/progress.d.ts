/** Where progress goes: process.stderr, or anything with the same two facts. */
export interface ProgressStream {
  /** Whether one line can be rewritten. Defaults to false. */
  isTTY?: boolean;
  /** Width of the terminal in characters. Defaults to 80. */
  columns?: number;
  write(text: string): unknown;
}

/** How progress is shown. */
export interface ProgressOptions {
  /** Defaults to process.stderr: standard output belongs to results. */
  stream?: ProgressStream;
  /** Seconds between two lines where there is no terminal. Defaults to 15. */
  everySeconds?: number;
  /** The clock, in milliseconds. Defaults to Date.now. */
  now?: () => number;
}

/** One long piece of work that is being reported. */
export interface Progress {
  /** Says what is being done now, or how far it is. */
  update(what: string): void;
  /** Prints a whole line without spoiling the one being rewritten. */
  note(message: string): void;
  /** Ends with success; the elapsed time is appended. Defaults to "<what>: done". */
  done(message?: string): void;
  /** Ends with failure; the elapsed time is appended. Defaults to "<what>: failed". */
  fail(message?: string): void;
}

/** Seconds as people read them: 0:42, 12:05, 1:02:03. */
export function formatElapsed(seconds: number): string;

/**
 * Starts to report `what` on standard error. On a terminal one line is rewritten every second; elsewhere there
 * is a line at the start, one every `everySeconds`, and one at the end. Never keeps the process alive.
 */
export function startProgress(what: string, options?: ProgressOptions): Progress;

/** Reports `what` for as long as `body` runs, and whether it succeeded. Errors pass through. */
export function withProgress<T>(
  what: string,
  body: (progress: Progress) => Promise<T>,
  options?: ProgressOptions,
): Promise<T>;
