/** Time as a run sees it; tests bring their own. */
export interface Clock {
  /** Seconds that only grow, from wherever. */
  seconds(): number;
  /** This machine's time of day, in seconds since 1970. Compared with nothing of another machine as it is. */
  wallSeconds(): number;
  /** Waits, at most until the signal is given; that is no error. */
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
  /** Eight hexadecimal digits that nobody else comes upon at the same time. */
  token(): string;
}
