import type { Fault } from "./faults";

/** Checks text that is known now; what is only known later, as every input may be, is not checked here. */
export function patternFaults(
  path: string,
  got: unknown,
  pattern: RegExp,
  problem: string,
  allowed: string,
): Fault[] {
  if (typeof got !== "string" || pattern.test(got)) return [];
  return [{ path, problem, got, allowed }];
}
