/** A range of IPv4 addresses: the first one as a number, and how many leading bits are fixed. */
export interface Cidr {
  first: number;
  prefix: number;
}

/**
 * The ranges that are nobody's on the internet, and that no packet from there comes from.
 * Source: https://www.rfc-editor.org/rfc/rfc1918
 */
export const PRIVATE_RANGES: readonly string[] = Object.freeze([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
]);

/** Reads an address, as in `10.0.0.1`, as a number; undefined where the text is none. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const bytes = match?.slice(1).map(Number) ?? [256];
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Writes an address as in `10.0.0.1`. */
export function renderAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** How many addresses a range has. */
export function sizeOf({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}

/** Reads a range, as in `10.0.0.0/16`; undefined where the text is none. Its first address may have host bits. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", bits = "33"] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const first = parseAddress(address);
  const prefix = Number(bits);
  return first === undefined || prefix > 32 ? undefined : { first, prefix };
}

/** Reads a range that is named by its first address; undefined where it is none, or has bits behind its prefix. */
export function parseNetwork(text: string): Cidr | undefined {
  const range = parseCidr(text);
  return range !== undefined && range.first % sizeOf(range) === 0 ? range : undefined;
}

/** Writes a range as in `10.0.0.0/16`. */
export function renderCidr({ first, prefix }: Cidr): string {
  return `${renderAddress(first)}/${String(prefix)}`;
}

/** The range without bits behind its prefix. */
export function withoutHostBits(range: Cidr): Cidr {
  return { ...range, first: range.first - (range.first % sizeOf(range)) };
}

/** True where two ranges share an address. */
export function overlap(one: Cidr, other: Cidr): boolean {
  return one.first < other.first + sizeOf(other) && other.first < one.first + sizeOf(one);
}

/** True where the second range lies wholly in the first. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && overlap(outer, inner);
}

/** True where a range lies wholly in one of those that are named. */
export function isWithin(range: Cidr, named: readonly string[]): boolean {
  return named.some((text) => {
    const whole = parseCidr(text);
    return whole !== undefined && contains(whole, range);
  });
}

/** The piece with an index, from 0, of a range that is cut into 2^bits equal pieces. */
export function piece(range: Cidr, bits: number, index: number): Cidr {
  const prefix = range.prefix + bits;
  return { first: range.first + index * 2 ** (32 - prefix), prefix };
}
