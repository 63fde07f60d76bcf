import { isIPv6 } from "node:net";

/** A range of IPv6 addresses: the first one as a number, and how many leading bits are fixed. */
export interface Ipv6Cidr {
  first: bigint;
  prefix: number;
}

const GROUPS = 8;
const BITS = 128;

/** Reads an address, as in `fd00::1`, as a number; undefined where the text is none. An embedded IPv4 address is none. */
export function parseIpv6(text: string): bigint | undefined {
  if (!isIPv6(text) || /[.%]/.test(text)) return undefined;
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail ?? "");
  const zeros = Array<bigint>(GROUPS - before.length - after.length).fill(0n);
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) + group, 0n);
}

function groupsOf(text: string): bigint[] {
  return text === "" ? [] : text.split(":").map((group) => BigInt(`0x${group}`));
}

/** Writes an address as in `fd00::1`. Source of the form: https://www.rfc-editor.org/rfc/rfc5952 */
export function renderIpv6(address: bigint): string {
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    ((address >> BigInt(16 * (GROUPS - 1 - index))) & 0xffffn).toString(16),
  );
  const whole = groups.join(":");
  const runs = [...whole.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  );
  if (longest === undefined) return whole;
  const before = whole.slice(0, longest.index).replace(/:$/, "");
  const after = whole.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

/** Reads a range, as in `fd00::/112`; undefined where the text is none. Its first address may have host bits. */
export function parseIpv6Cidr(text: string): Ipv6Cidr | undefined {
  const [, address = "", bits = "129"] = /^([\da-fA-F:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const first = parseIpv6(address);
  const prefix = Number(bits);
  return first === undefined || prefix > BITS ? undefined : { first, prefix };
}

/** Writes a range as in `fd00::/112`. */
export function renderIpv6Cidr({ first, prefix }: Ipv6Cidr): string {
  return `${renderIpv6(first)}/${prefix}`;
}

/** How many addresses a range has. */
export function ipv6SizeOf({ prefix }: Ipv6Cidr): bigint {
  return 1n << BigInt(BITS - prefix);
}

/** The range without bits behind its prefix. */
export function ipv6WithoutHostBits(range: Ipv6Cidr): Ipv6Cidr {
  return { ...range, first: range.first - (range.first % ipv6SizeOf(range)) };
}

/** True where two ranges share an address. */
export function ipv6Overlap(one: Ipv6Cidr, other: Ipv6Cidr): boolean {
  return one.first < other.first + ipv6SizeOf(other) && other.first < one.first + ipv6SizeOf(one);
}
