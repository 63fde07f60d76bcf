import type { Fault } from "./faults";

/** Checks how many pods of a DaemonSet a rollout may take down at once: a count or a percentage. */
export function maxUnavailableFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^([1-9][0-9]{0,4}|([1-9][0-9]?|100)%)$/.test(got)) return [];
  const allowed = '"1" to "99999" or "1%" to "100%"';
  return [{ path, problem: "not a number of pods", got, allowed, fix: '"1"' }];
}

/** The same as Kubernetes takes it: a count is a number there, a percentage a text. */
export function maxUnavailablePods(value: string): number | string {
  return value.endsWith("%") ? value : Number(value);
}
