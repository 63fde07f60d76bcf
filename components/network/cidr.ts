/** A range of IPv4 addresses: the first one as a number, and how many leading bits are fixed. */
export interface Cidr {
  first: number;
  prefix: number;
}

/** How many addresses a range has. */
export function sizeOf({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}

/** Reads a range, as in `10.0.0.0/16`; undefined where the text is none. Its first address may have host bits. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match?.slice(1).map(Number) ?? [];
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  return { first: ((a * 256 + b) * 256 + c) * 256 + d, prefix };
}

/** Writes a range as in `10.0.0.0/16`. */
export function renderCidr({ first, prefix }: Cidr): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${bytes.join(".")}/${String(prefix)}`;
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

/** The piece with an index, from 0, of a range that is cut into 2^bits equal pieces. */
export function piece(range: Cidr, bits: number, index: number): Cidr {
  const prefix = range.prefix + bits;
  return { first: range.first + index * 2 ** (32 - prefix), prefix };
}
