import { KubeError } from "./kube-error";

/** Ends one request that takes too long, or that its caller gives up. */
export interface TimeLimit {
  /** Aborts when time is up (with a KubeError, reason `Unreachable`) and with the caller's signal. */
  signal: AbortSignal;
  /** Starts the clock; later calls change nothing. */
  begin: () => void;
  /** To be called when the answer is there: stops the clock. */
  end: () => void;
}

/**
 * Makes the limit of one request. Its clock does not run while the request waits for a free connection:
 * that is no fault of the server's.
 * @param what What has not happened when time is up, for the error's message.
 */
export function timeLimit(what: string, seconds: number, caller?: AbortSignal): TimeLimit {
  const clock = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: caller ? AbortSignal.any([clock.signal, caller]) : clock.signal,
    begin: () => {
      timer ??= setTimeout(() => {
        clock.abort(new KubeError(0, "Unreachable", `${what} within ${seconds} seconds`));
      }, seconds * 1000);
    },
    end: () => {
      clearTimeout(timer);
    },
  };
}

/** Why a signal aborted, as an error to throw. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(`aborted: ${String(reason)}`);
}

/** The promise's outcome, or the signal's reason if that aborts first. What is awaited goes on regardless. */
export async function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  const settled = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => {
      reject(reasonOf(signal));
    };
    signal.addEventListener("abort", onAbort, { signal: settled.signal });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    settled.abort();
  }
}
