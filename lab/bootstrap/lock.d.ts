/** How long to wait for a lock, and how to tell. */
export interface LockOptions {
  /** Called once, with the holder's process id, when somebody alive holds the lock. Defaults to nothing. */
  onWait?: (pid: number) => void;
  /** Milliseconds between two attempts. Defaults to 200. */
  pollMilliseconds?: number;
  /** How long a live holder is waited for. Defaults to 1800. */
  timeoutSeconds?: number;
}

/** Somebody alive held the lock for longer than the caller would wait. */
export class LockTimeout extends Error {
  readonly file: string;
  /** Process id of the holder. */
  readonly pid: number;
  constructor(file: string, pid: number, waitedSeconds: number);
}

/**
 * When a process began: boot id and clock ticks since boot (proc(5), stat, field 22). Undefined when there is no
 * such process, "unknown" where the system has no /proc. With the process id it names one process for good.
 */
export function processStart(pid: number): string | undefined;

/** Runs `body` while this process alone holds the lock `file`. Throws {@link LockTimeout}. */
export function withLock<T>(
  file: string,
  body: () => Promise<T> | T,
  options?: LockOptions,
): Promise<T>;
