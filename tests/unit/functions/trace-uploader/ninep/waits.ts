import type { NinepError } from "../../../../../functions/trace-uploader/ninep";

// For busy machines; no test of the client is long.
jest.setTimeout(60_000);

/** Waits for a condition, 10 s at most. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The error that something fails with. */
export async function fails(promise: Promise<unknown>): Promise<NinepError> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as NinepError,
  );
}
