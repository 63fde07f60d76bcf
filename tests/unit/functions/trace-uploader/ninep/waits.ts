import type { NinepError } from "../../../../../functions/trace-uploader/ninep";

/** The error that something fails with. */
export async function fails(promise: Promise<unknown>): Promise<NinepError> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as NinepError,
  );
}
