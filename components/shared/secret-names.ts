import type { Fault } from "./faults";

/** A Secret that a component writes: of one that it names after itself, or that arguments name. */
export interface WrittenSecret {
  namespace: unknown;
  name: string;
  /** The name that arguments give; undefined where `name` is the component's. */
  given?: string | undefined;
}

/** Checks the name of a Secret. Nothing at all, or what is only known later, is no fault. */
export function secretFaults(path: string, got: unknown): Fault[] {
  if (typeof got !== "string" || /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(got)) return [];
  return [{ path, problem: "not the name of a Secret", got, allowed: "a-z, 0-9, - and ." }];
}

/**
 * Checks the name of one Secret, where it is given. In its namespace no Secret may have it that the component names
 * itself, and none that is given before.
 */
export function secretNameFaults(
  path: string,
  secrets: readonly WrittenSecret[],
  index: number,
): Fault[] {
  const { namespace, given: got } = secrets[index] ?? {};
  if (got === undefined) return [];
  const faults = secretFaults(path, got);
  if (faults.length > 0) return faults;
  const taken = secrets.some(
    ({ given, ...other }, place) =>
      (given === undefined || place < index) && other.name === got && other.namespace === namespace,
  );
  return taken ? [{ path, problem: "there are two of that name in the namespace", got }] : [];
}
