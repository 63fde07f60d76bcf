import type { CloudSettings } from "./settings";

/** What seconds of a cloud take here, in milliseconds: none where calls are answered at once. */
export function realMilliseconds(seconds: number, { speed }: Pick<CloudSettings, "speed">): number {
  return speed > 0 ? (seconds * 1000) / speed : 0;
}

/** Waits; not even for a turn of the event loop where there is nothing to wait for. */
export async function wait(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
