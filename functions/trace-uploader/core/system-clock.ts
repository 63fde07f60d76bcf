import { randomBytes } from "node:crypto";
import type { Clock } from "./clock";

/** The machine's own clock. */
export const systemClock: Clock = {
  seconds: () => performance.now() / 1000,
  wallSeconds: () => Date.now() / 1000,
  sleep: (seconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, seconds * 1000);
      signal.addEventListener("abort", end);
    }),
  token: () => randomBytes(4).toString("hex"),
};
