import {
  isWithin,
  overlap,
  parseCidr,
  PRIVATE_RANGES,
  renderCidr,
  withoutHostBits,
} from "../shared/cidr";
import type { Fault } from "../shared/faults";

/** A range that a user gave, and where. */
export interface GivenRange {
  path: string;
  cidr: string;
}

/** How long the prefix of a range may be. */
export interface PrefixLimits {
  /** The shortest: the largest range. */
  from: number;
  /** The longest: the smallest range. */
  to: number;
}

/** The private ranges, and shared address space, which clouds take too: https://www.rfc-editor.org/rfc/rfc6598 */
const PRIVATE = [...PRIVATE_RANGES, "100.64.0.0/10"];

/** Checks one range by itself. */
export function rangeFaults(path: string, got: string, limits: PrefixLimits): Fault[] {
  const range = parseCidr(got);
  if (range === undefined) {
    return [{ path, problem: "not an IPv4 range", got, allowed: "as in 10.0.0.0/16" }];
  }
  const faults: Fault[] = [];
  const straight = withoutHostBits(range);
  if (straight.first !== range.first) {
    const problem = "not the first address of its range";
    faults.push({ path, problem, got, fix: `"${renderCidr(straight)}"` });
  }
  if (!isWithin(straight, PRIVATE)) {
    const problem = "hides a part of the internet that is somebody else's";
    faults.push({ path, problem, got, allowed: `ranges within ${PRIVATE.join(", ")}` });
  }
  if (range.prefix < limits.from || range.prefix > limits.to) {
    const problem = range.prefix < limits.from ? "too large" : "too small";
    const allowed = `prefixes /${String(limits.from)} to /${String(limits.to)}`;
    faults.push({ path, problem, got, allowed });
  }
  return faults;
}

/** Finds ranges that share addresses; each is told once, of the later one. */
export function overlapFaults(ranges: readonly GivenRange[]): Fault[] {
  return ranges.flatMap(({ path, cidr }, index) => {
    const range = parseCidr(cidr);
    if (range === undefined) return [];
    return ranges.slice(0, index).flatMap((earlier) => {
      const other = parseCidr(earlier.cidr);
      if (other === undefined || !overlap(range, other)) return [];
      const problem = `overlaps ${earlier.path} ${earlier.cidr}`;
      return [{ path, problem, got: cidr, fix: "a range apart from it" }];
    });
  });
}

/** Checks ranges that a network stays clear of; any size will do, and some may be the internet's. */
export function reservedFaults(
  path: string,
  reserved: readonly string[],
  own: GivenRange[],
): Fault[] {
  return reserved.flatMap((got, index) => {
    const at = `${path}[${String(index)}]`;
    if (parseCidr(got) === undefined) {
      return [{ path: at, problem: "not an IPv4 range", got, allowed: "as in 10.0.0.0/16" }];
    }
    return own.flatMap((range) => overlapFaults([range, { path: at, cidr: got }]));
  });
}
