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
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(got);
  const [, ...numbers] = match?.map(Number) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = numbers;
  if (prefix > 32 || [a, b, c, d].some((byte) => byte > 255)) {
    return [{ path, problem: "not an IPv4 range", got, allowed: "as in 203.0.113.0/24" }];
  }
  if (prefix < WIDEST_PREFIX) {
    const allowed = `prefixes /${String(WIDEST_PREFIX)} to /32`;
    return [{ path, problem: "allows too much of the internet", got, allowed }];
  }
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % 2 ** (32 - prefix));
  if (first === address) return [];
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  const fix = `"${bytes.join(".")}/${String(prefix)}"`;
  return [{ path, problem: "not the first address of its range", got, fix }];
}
