import fc from "fast-check";
import {
  ipv6Overlap,
  ipv6SizeOf,
  ipv6WithoutHostBits,
  parseIpv6,
  parseIpv6Cidr,
  renderIpv6,
  renderIpv6Cidr,
} from "../../../../../components/worker/network/ipv6";

const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
// Such with runs of zeros, which are written short.
const sparse = fc
  .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xfffen), { minLength: 8, maxLength: 8 })
  .map((groups: bigint[]) => groups.reduce((sum, group) => (sum << 16n) + group, 0n));

test("what is written is read again, and no other text is shorter or means the same", () => {
  fc.assert(
    fc.property(fc.oneof(address, sparse), (value) => {
      const text = renderIpv6(value);
      expect(parseIpv6(text)).toBe(value);
      // URLs have the form of RFC 5952 too.
      expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["::", 0n],
  ["::1", 1n],
  ["1::", 1n << 112n],
  ["FD00::A", (0xfd00n << 112n) + 10n],
  ["1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n],
])("reads %s", (text, value) => {
  expect(parseIpv6(text)).toBe(value);
});

test.each([
  "",
  ":",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "g::",
  "12345::",
  "::1.2.3.4",
  "fe80::1%eth0",
  "10.0.0.1",
])("%p is no address", (text) => {
  expect(parseIpv6(text)).toBeUndefined();
});

test.each([
  "fd00::",
  "fd00::/",
  "fd00::/129",
  "fd00::/1000",
  "fd00::/-1",
  "/64",
  "10.0.0.0/8",
  "::1.2.3.4/96",
])("%p is no range", (text) => {
  expect(parseIpv6Cidr(text)).toBeUndefined();
});

test("ranges have a size, a first address, and overlap where they share one", () => {
  const range = parseIpv6Cidr("fd00::12/124")!;
  expect(ipv6SizeOf(range)).toBe(16n);
  expect(renderIpv6Cidr(ipv6WithoutHostBits(range))).toBe("fd00::10/124");
  const of = (text: string) => parseIpv6Cidr(text)!;
  expect(ipv6Overlap(of("fd00::/64"), of("fd00::ffff/128"))).toBe(true);
  expect(ipv6Overlap(of("fd00::ffff/128"), of("fd00::/64"))).toBe(true);
  expect(ipv6Overlap(of("fd00::/64"), of("fd00:0:0:1::/64"))).toBe(false);
  expect(ipv6Overlap(of("::/0"), of("ffff::/16"))).toBe(true);
});
