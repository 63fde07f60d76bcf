import { LockTimeout, processStart, withLock as withPlainLock } from "./bootstrap/lock";
import { LabError } from "./lab-error";

export { processStart };

/** How long to wait for a lock, and what to call what it guards. */
export interface LockOptions {
  /** Prints a line for the user. Defaults to a line on standard error. */
  note?: (message: string) => void;
  /** How long a live holder is waited for. Defaults to 1800: longer than the longest build. */
  timeoutSeconds?: number;
  /** What the lock guards, for messages. Defaults to "the lab". */
  what?: string;
}

/**
 * Runs `body` while this process alone holds the lock `file`; its folder is made if need be. The lock of a
 * process that ended, however it ended, is taken over at once; a live holder is waited for, with a message.
 *
 * Throws {@link LabError} when the holder keeps it for longer than `timeoutSeconds`.
 */
export async function withLock<T>(
  file: string,
  body: () => Promise<T> | T,
  options: LockOptions = {},
): Promise<T> {
  const what = options.what ?? "the lab";
  const note = options.note ?? ((message: string) => process.stderr.write(`${message}\n`));
  try {
    return await withPlainLock(file, body, {
      timeoutSeconds: options.timeoutSeconds,
      onWait: (pid) => {
        note(`waiting for process ${pid}, which is busy with ${what}`);
      },
    });
  } catch (error) {
    if (!(error instanceof LockTimeout) || error.file !== file) throw error;
    throw new LabError(`process ${error.pid} is still busy with ${what}`, {
      hint: `wait for it to end, or end it with: kill ${error.pid}`,
      cause: error,
    });
  }
}
