import { parseCidr, renderCidr, withoutHostBits } from "../shared/cidr";
import type { Fault } from "../shared/faults";

/** Ranges wider than this hold a 256th part of the internet: no allow-list. */
const WIDEST_PREFIX = 8;

/**
 * Checks the ranges that may reach an API server: IPv4, each a network address with its prefix, none given twice,
 * none so wide that it allows the internet, in one piece or in a few.
 */
export function allowListFaults(path: string, cidrs: readonly string[]): Fault[] {
  return cidrs.flatMap((got, index) => {
    const at = `${path}[${String(index)}]`;
    if (cidrs.indexOf(got) < index) return [{ path: at, problem: "given twice", got }];
    return cidrFaults(at, got);
  });
}

/** Checks the ranges that reach a public API server, where there is one: a public one needs some. */
export function publicAccessFaults(path: string, cidrs: readonly string[] | undefined): Fault[] {
  if (cidrs?.length !== 0) return allowListFaults(path, cidrs ?? []);
  const fix = "the ranges that may reach it, or to leave it out for a private one";
  return [{ path, problem: "empty: a public API server needs an allow-list", fix }];
}

function cidrFaults(path: string, got: string): Fault[] {
  const range = parseCidr(got);
  if (range === undefined) {
    return [{ path, problem: "not an IPv4 range", got, allowed: "as in 203.0.113.0/24" }];
  }
  if (range.prefix < WIDEST_PREFIX) {
    const allowed = `prefixes /${String(WIDEST_PREFIX)} to /32`;
    return [{ path, problem: "allows too much of the internet", got, allowed }];
  }
  const straight = withoutHostBits(range);
  if (straight.first === range.first) return [];
  const fix = `"${renderCidr(straight)}"`;
  return [{ path, problem: "not the first address of its range", got, fix }];
}
