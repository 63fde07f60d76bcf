import * as fc from "fast-check";
import {
  type Cidr,
  contains,
  overlap,
  parseCidr,
  piece,
  renderCidr,
  sizeOf,
  withoutHostBits,
} from "../../../../components/network/cidr";
import { layoutSubnets, MOST_ZONES } from "../../../../components/network/plan";

function range(text: string): Cidr {
  const found = parseCidr(text);
  if (found === undefined) throw new Error(`${text} is no range`);
  return found;
}

const anyRange = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 32 }))
  .map(([first, prefix]) => withoutHostBits({ first, prefix }));

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

const network = anyRange.filter(({ prefix }) => prefix <= 22);
const zoneCount = fc.integer({ min: 2, max: MOST_ZONES });
const zonesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `z${String(n)}`);

test("every subnet lies in the network, apart from every other, and far more room is private", () => {
  fc.assert(
    fc.property(network, zoneCount, (whole, count) => {
      const layout = layoutSubnets(renderCidr(whole), zonesOf(count));
      const texts = [
        ...layout.zones.flatMap(({ privateCidr, publicCidr }) => [privateCidr, publicCidr]),
        layout.extraCidr,
        layout.spareCidr,
      ];
      const ranges = texts.map(range);
      expect(ranges).toHaveLength(2 * count + 2);
      for (const [index, one] of ranges.entries()) {
        expect(contains(whole, one)).toBe(true);
        expect(one.prefix).toBeLessThanOrEqual(28);
        for (const other of ranges.slice(0, index)) expect(overlap(one, other)).toBe(false);
      }
      for (const { privateCidr, publicCidr } of layout.zones) {
        expect(sizeOf(range(privateCidr))).toBe(8 * sizeOf(range(publicCidr)));
      }
      const used = layout.zones.reduce(
        (sum, zone) => sum + sizeOf(range(zone.privateCidr)) + sizeOf(range(zone.publicCidr)),
        0,
      );
      expect(layout.freeAddresses).toBe(sizeOf(whole) - used);
    }),
  );
});

test("a zone more moves nothing", () => {
  fc.assert(
    fc.property(network, zoneCount, zoneCount, (whole, one, other) => {
      const cidr = renderCidr(whole);
      const [few, many] = [Math.min(one, other), Math.max(one, other)];
      const before = layoutSubnets(cidr, zonesOf(few));
      const after = layoutSubnets(cidr, zonesOf(many));
      expect(after.zones.slice(0, few)).toEqual(before.zones);
      expect([after.extraCidr, after.spareCidr]).toEqual([before.extraCidr, before.spareCidr]);
    }),
  );
});

test("cuts a /16 as the documentation says", () => {
  expect(layoutSubnets("10.0.0.0/16", ["a", "b", "c"])).toEqual({
    zones: [
      { zone: "a", privateCidr: "10.0.0.0/19", publicCidr: "10.0.192.0/22" },
      { zone: "b", privateCidr: "10.0.32.0/19", publicCidr: "10.0.196.0/22" },
      { zone: "c", privateCidr: "10.0.64.0/19", publicCidr: "10.0.200.0/22" },
    ],
    extraCidr: "10.0.216.0/22",
    spareCidr: "10.0.224.0/19",
    freeAddresses: 37_888,
  });
});
