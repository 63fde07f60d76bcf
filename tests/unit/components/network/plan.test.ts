import * as fc from "fast-check";
import { layoutSubnets, MOST_ZONES } from "../../../../components/network/plan";
import {
  type Cidr,
  contains,
  overlap,
  parseCidr,
  renderCidr,
  sizeOf,
  withoutHostBits,
} from "../../../../components/shared/cidr";

function range(text: string): Cidr {
  const found = parseCidr(text);
  if (found === undefined) throw new Error(`${text} is no range`);
  return found;
}

const network = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 22 }))
  .map(([first, prefix]) => withoutHostBits({ first, prefix }));
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
