import fc from "fast-check";
import { allowListFaults, publicAccessFaults } from "../../../../components/cluster/allow-list";
import { renderFault } from "../../../../components/shared/faults";

const lines = (cidrs: string[]) => allowListFaults("cidrs", cidrs).map(renderFault);

test.each([
  ["0.0.0.0/0", "allows too much of the internet", "allowed prefixes /8 to /32"],
  ["128.0.0.0/1", "allows too much of the internet", "allowed prefixes /8 to /32"],
  ["203.0.113.7/24", "not the first address of its range", 'try "203.0.113.0/24"'],
  ["203.0.113.256/32", "not an IPv4 range", "allowed as in 203.0.113.0/24"],
  ["203.0.113.0/33", "not an IPv4 range", "allowed as in 203.0.113.0/24"],
  ["203.0.113.0", "not an IPv4 range", "allowed as in 203.0.113.0/24"],
  ["2001:db8::/32", "not an IPv4 range", "allowed as in 203.0.113.0/24"],
])("refuses %s", (cidr, problem, end) => {
  const [line = "", ...others] = lines([cidr]);
  expect(line).toMatch(`cidrs[0]: ${problem}, got "${cidr}"`);
  expect(line.endsWith(end)).toBe(true);
  expect(others).toEqual([]);
});

test("refuses a range that is given twice, and takes different ones", () => {
  expect(lines(["203.0.113.0/24", "198.51.100.7/32", "203.0.113.0/24"])).toEqual([
    'cidrs[2]: given twice, got "203.0.113.0/24"',
  ]);
});

test("a public API server needs a list, a private one none", () => {
  expect(publicAccessFaults("cidrs", []).map(renderFault)).toEqual([
    "cidrs: empty: a public API server needs an allow-list; try the ranges that may reach it, or to leave it out for a private one",
  ]);
  expect(publicAccessFaults("cidrs", undefined)).toEqual([]);
});

test("property: takes exactly the ranges that are named by their first address, from /8 on", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 32 }),
      (address, prefix) => {
        const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
        const good = prefix >= 8 && address % 2 ** (32 - prefix) === 0;
        expect(lines([`${bytes.join(".")}/${String(prefix)}`])).toHaveLength(good ? 0 : 1);
      },
    ),
  );
});

test("property: what it proposes is taken", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 32 - 1 }),
      fc.integer({ min: 8, max: 31 }),
      (address, prefix) => {
        const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
        for (const { fix } of allowListFaults("cidrs", [`${bytes.join(".")}/${String(prefix)}`])) {
          expect(lines([JSON.parse(fix ?? "") as string])).toEqual([]);
        }
      },
    ),
  );
});
