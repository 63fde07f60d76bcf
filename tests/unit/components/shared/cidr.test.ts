import * as fc from "fast-check";
import {
  contains,
  isWithin,
  overlap,
  parseAddress,
  parseCidr,
  parseNetwork,
  piece,
  PRIVATE_RANGES,
  renderAddress,
  renderCidr,
  sizeOf,
  withoutHostBits,
} from "../../../../components/shared/cidr";

const anyAddress = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyRange = fc
  .tuple(anyAddress, fc.integer({ min: 1, max: 32 }))
  .map(([first, prefix]) => withoutHostBits({ first, prefix }));

test("an address is read as it was written", () => {
  expect(parseAddress("10.1.2.3")).toBe(0x0a010203);
  expect(parseAddress("255.255.255.255")).toBe(2 ** 32 - 1);
  fc.assert(
    fc.property(anyAddress, (one) => {
      expect(parseAddress(renderAddress(one))).toBe(one);
    }),
  );
});

test.each(["", "10.0.0", "10.0.0.0.0", "10.0.0.256", "1000.0.0.0", " 10.0.0.1", "::1", "a.b.c.d"])(
  "%j is no address",
  (text) => {
    expect(parseAddress(text)).toBeUndefined();
  },
);

test("a range is read as it was written", () => {
  fc.assert(
    fc.property(anyRange, (one) => {
      expect(parseCidr(renderCidr(one))).toEqual(one);
    }),
  );
});

test("ranges without host bits overlap only where one contains the other", () => {
  fc.assert(
    fc.property(anyRange, anyRange, (one, other) => {
      expect(overlap(one, other)).toBe(contains(one, other) || contains(other, one));
      expect(overlap(one, other)).toBe(overlap(other, one));
    }),
  );
});

test("the pieces of a range cover it, in order, without a gap", () => {
  fc.assert(
    fc.property(anyRange, fc.integer({ min: 0, max: 5 }), (whole, bits) => {
      fc.pre(whole.prefix + bits <= 32);
      let next = whole.first;
      for (let index = 0; index < 2 ** bits; index++) {
        const one = piece(whole, bits, index);
        expect(one.first).toBe(next);
        expect(withoutHostBits(one)).toEqual(one);
        next += sizeOf(one);
      }
      expect(next).toBe(whole.first + sizeOf(whole));
    }),
  );
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0/16",
  "256.0.0.0/8",
  "10.0.0.0/16 ",
  "a.b.c.d/8",
  "::/0",
])("%j is no range", (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test("a network is named by its first address", () => {
  expect(parseNetwork("10.0.0.0/8")).toEqual({ first: 0x0a000000, prefix: 8 });
  expect(parseCidr("10.0.0.1/8")).toEqual({ first: 0x0a000001, prefix: 8 });
  expect(parseNetwork("10.0.0.1/8")).toBeUndefined();
  expect(parseNetwork("10.0.0.1/32")).toEqual({ first: 0x0a000001, prefix: 32 });
  expect(parseNetwork("10.0.0.0")).toBeUndefined();
});

test.each([
  ["10.0.0.0/8", true],
  ["10.255.0.0/16", true],
  ["172.31.0.0/16", true],
  ["172.32.0.0/16", false],
  ["172.0.0.0/8", false],
  ["192.168.1.0/24", true],
  ["0.0.0.0/0", false],
])("%s is private: %p", (text, expected) => {
  const range = parseNetwork(text);
  expect(range && isWithin(range, PRIVATE_RANGES)).toBe(expected);
});
