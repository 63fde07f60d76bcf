import { parseNetwork } from "../shared/cidr";
import type { Fault } from "../shared/faults";

/** Finds everything that is wrong with a list of ranges that a firewall opens. Nothing at all is no fault. */
export function rangesFaults(path: string, ranges: readonly string[] | undefined): Fault[] {
  if (ranges === undefined) return [];
  if (ranges.length === 0) return [{ path, problem: "empty", allowed: "at least one range" }];
  return ranges.flatMap((got, index) => {
    const own = `${path}[${String(index)}]`;
    const range = parseNetwork(got);
    if (range === undefined) {
      const problem = "not a range of addresses";
      return [{ path: own, problem, got, allowed: "the first address and a prefix: 10.0.0.0/16" }];
    }
    if (range.prefix === 0) {
      return [{ path: own, problem: "the whole internet", got, fix: "the private range alone" }];
    }
    return ranges.indexOf(got) < index ? [{ path: own, problem: "named twice", got }] : [];
  });
}
