/** A range of IPv4 addresses, both ends included. */
export interface Ipv4Range {
  first: number;
  last: number;
}

/** Reads an IPv4 address as a number; undefined where it is none. */
export function ipv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const parts = match?.slice(1).map(Number) ?? [];
  if (match === null || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Reads a range as in `10.42.0.0/16`; undefined where it is none, or where the address has bits behind the prefix. */
export function ipv4Range(text: string): Ipv4Range | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const first = ipv4(match?.[1] ?? "");
  const bits = Number(match?.[2]);
  if (match === null || first === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** True where two ranges have an address in common. */
export function overlap(one: Ipv4Range, other: Ipv4Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}
