import type { Fault } from "./faults";

/**
 * Checks an amount of CPU: cores, or thousandths of one. Nothing at all is no fault.
 * Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
export function cpuFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const wellFormed = /^([0-9]+(\.[0-9]{1,3})?|[0-9]+m)$/.test(got);
  if (wellFormed && Number.parseFloat(got) > 0) return [];
  const allowed = 'cores as in "2" and "0.5", or thousandths of one as in "500m"';
  return [{ path, problem: "not an amount of CPU", got, allowed }];
}

const units = new Map(
  ["k", "M", "G", "T", "P", "E"].flatMap((letter, index) => [
    [letter, 1000 ** (index + 1)] as const,
    [letter === "k" ? "Ki" : `${letter}i`, 1024 ** (index + 1)] as const,
  ]),
);

/** Less than this starts no process: the unit was forgotten. */
const LEAST_BYTES = 1024 ** 2;

/**
 * Checks an amount of memory: bytes, with a unit or without, at least 1Mi. Nothing at all is no fault.
 * Kubernetes takes `512m` as well, for half a byte.
 */
export function memoryFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const [, count = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)([a-zA-Z]*)$/.exec(got) ?? [];
  const bytes = Number(count) * (unit === "" ? 1 : (units.get(unit) ?? 0));
  if (bytes >= LEAST_BYTES) return [];
  const allowed = 'bytes, at least 1Mi, as in "512Mi" and "16Gi"';
  const meant = /^[1-9][0-9]*[mg]b?$/i.test(got) && `"${got.replace(/[a-z]+$/i, meantUnit)}"`;
  return [
    {
      path,
      problem: "not an amount of memory",
      got,
      allowed,
      ...(meant !== false && { fix: meant }),
    },
  ];
}

function meantUnit(unit: string): string {
  return unit.toLowerCase().startsWith("g") ? "Gi" : "Mi";
}
