import { isDeepStrictEqual } from "node:util";

/** Something that is asked for again and again: its answer, or false or nothing as long as there is none. */
type Ask<T> = () => Promise<T | undefined | false> | T | undefined | false;

const MOST_PAUSE_MILLISECONDS = 100;

/**
 * Asks again and again until there is an answer; fails with `what` after `timeoutSeconds` (defaults to 360). No test asserts
 * how fast something is: the bound is for what never comes.
 */
export async function eventually<T>(what: string, ask: Ask<T>, timeoutSeconds = 360): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let pause = 1; ; pause = Math.min(2 * pause, MOST_PAUSE_MILLISECONDS)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutSeconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Waits until an answer equals what is expected, as long as {@link eventually} does; then the difference is the failure. */
export async function eventuallyEquals<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  let last: T | undefined;
  const isEqual = async () => {
    last = await ask();
    return isDeepStrictEqual(last, expected);
  };
  await eventually("what is expected", isEqual).catch(() => undefined);
  expect(last).toEqual(expected);
}

/** Waits until something is so, as long as {@link eventually} does. */
export async function until(isSo: () => boolean): Promise<void> {
  await eventually(isSo.toString(), isSo);
}
