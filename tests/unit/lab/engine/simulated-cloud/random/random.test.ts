import fc from "fast-check";
import { inputFaults, withDefaults } from "../../../../../../lab/engine/simulated-cloud/inputs";
import { random } from "../../../../../../lab/engine/simulated-cloud/random/package";
import type { ResourceKind } from "../../../../../../lab/engine/simulated-cloud/resource-kind";

function kind(name: string): ResourceKind {
  const token = Object.keys(random.resources).find((type) => type.endsWith(`:${name}`)) ?? "";
  const found = random.resources[token];
  if (!found) throw new Error(`no ${name}`);
  return found;
}

async function make(name: string, inputs: Record<string, unknown>) {
  expect(inputFaults(kind(name), inputs)).toEqual([]);
  return await kind(name).create(withDefaults(kind(name), inputs));
}

const count = (text: unknown, pattern: RegExp) => String(text).match(pattern)?.length ?? 0;

test("a password has its length, its minimums and only what is switched on", async () => {
  const small = fc.integer({ min: 0, max: 5 });
  const given = fc.record({
    extra: small,
    minLower: small,
    minNumeric: small,
    minSpecial: small,
    minUpper: small,
    lower: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ extra, ...rest }) => {
      const { minLower, minNumeric, minSpecial, minUpper, lower } = rest;
      const length = 1 + extra + minLower + minNumeric + minSpecial + minUpper;
      const { outputs } = await make("RandomPassword", { ...rest, length });
      expect(String(outputs.result)).toHaveLength(length);
      expect(count(outputs.result, /[0-9]/g)).toBeGreaterThanOrEqual(minNumeric);
      expect(count(outputs.result, /[A-Z]/g)).toBeGreaterThanOrEqual(minUpper);
      expect(count(outputs.result, /[^a-zA-Z0-9]/g)).toBeGreaterThanOrEqual(minSpecial);
      const lowers = count(outputs.result, /[a-z]/g);
      if (lower) expect(lowers).toBeGreaterThanOrEqual(minLower);
      else expect(lowers).toBe(minLower);
    }),
  );
});

test("a string of given special characters only", async () => {
  const off = { lower: false, upper: false, numeric: false };
  const { id, outputs } = await make("RandomString", { ...off, length: 40, overrideSpecial: "*" });
  expect(outputs.result).toBe("*".repeat(40));
  expect(id).toBe(outputs.result);
});

test("the old name of numeric works and shows in the state, a contradiction does not", () => {
  const password = kind("RandomPassword");
  expect(withDefaults(password, { length: 3, number: false })).toMatchObject({
    number: false,
    numeric: false,
  });
  expect(inputFaults(password, { length: 3, number: false, numeric: true })).toEqual([
    { property: "number", reason: "contradicts numeric, which replaces it" },
  ]);
});

test("a password that cannot be made is refused", () => {
  const faults = inputFaults(kind("RandomPassword"), { length: 3, minUpper: 2, minLower: 2 });
  expect(faults).toEqual([
    {
      property: "length",
      reason: "must be at least the sum of minLower, minNumeric, minSpecial, minUpper (4), got 3",
    },
  ]);
  const nothing = { length: 1, lower: false, upper: false, number: false, special: false };
  expect(inputFaults(kind("RandomString"), nothing)).toEqual([
    { property: "lower", reason: "one of lower, numeric, special, upper must be on" },
  ]);
});

test("an id is the same bytes in four spellings, with its prefix but in the id", async () => {
  const { id, outputs } = await make("RandomId", { byteLength: 6, prefix: "p-" });
  const bytes = Buffer.from(id, "base64url");
  expect(bytes).toHaveLength(6);
  expect(outputs).toEqual({
    b64Std: `p-${bytes.toString("base64")}`,
    b64Url: `p-${id}`,
    dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
    hex: `p-${bytes.toString("hex")}`,
  });
  expect(kind("RandomId").adopt?.(`p-,${id}`)).toEqual({
    id,
    state: { byteLength: 6, prefix: "p-", ...outputs },
  });
});

test("bytes are as many as asked for, and never the same twice", async () => {
  const first = (await make("RandomBytes", { length: 32 })).outputs;
  const second = (await make("RandomBytes", { length: 32 })).outputs;
  expect(Buffer.from(String(first.base64), "base64").toString("hex")).toBe(first.hex);
  expect(String(first.hex)).toHaveLength(64);
  expect(first.hex).not.toBe(second.hex);
  expect(kind("RandomBytes").adopt?.(String(first.base64)).state).toEqual({ length: 32, ...first });
});

test("an integer lies within its bounds, both included, and follows its seed", async () => {
  const seen = new Set<unknown>();
  for (let round = 0; round < 200; round++) {
    seen.add((await make("RandomInteger", { min: -1, max: 1 })).outputs.result);
  }
  expect([...seen].sort()).toEqual([-1, 0, 1]);
  const wide = { min: 0, max: Number.MAX_SAFE_INTEGER };
  expect((await make("RandomInteger", wide)).outputs.result).toBeLessThanOrEqual(wide.max);
  const seeded = { min: 0, max: 1e9, seed: "s" };
  const { outputs } = await make("RandomInteger", seeded);
  expect((await make("RandomInteger", seeded)).outputs).toEqual(outputs);
  expect(inputFaults(kind("RandomInteger"), { min: 2, max: 1 })).toEqual([
    { property: "max", reason: "must be at least min (2), got 1" },
  ]);
});

test.each([
  [undefined, 3],
  [2, 2],
  [7, 7],
  [0, 0],
])(
  "a shuffle with resultCount %p has %p items, none again before all came",
  async (resultCount, length) => {
    const inputs = ["a", "b", "c"];
    const { outputs } = await make("RandomShuffle", {
      inputs,
      ...(resultCount !== undefined && { resultCount }),
    });
    const results = outputs.results as string[];
    expect(results).toHaveLength(length);
    for (let start = 0; start + 3 <= length; start += 3) {
      expect(results.slice(start, start + 3).sort()).toEqual(inputs);
    }
  },
);

test("identifiers have their version and variant", async () => {
  const version = (digit: number) => new RegExp(`^.{8}-.{4}-${digit}.{3}-[89ab].{3}-.{12}$`);
  expect((await make("RandomUuid", {})).outputs.result).toMatch(version(4));
  expect((await make("RandomUuid4", {})).outputs.result).toMatch(version(4));
  const before = Date.now();
  const { outputs } = await make("RandomUuid7", {});
  const after = Date.now();
  expect(outputs.result).toMatch(version(7));
  const time = parseInt(String(outputs.result).replace("-", "").slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(after);
});

test("a pet has its words, separator and prefix", async () => {
  expect((await make("RandomPet", {})).id).toMatch(/^[a-z]+-[a-z]+$/);
  const long = { length: 4, separator: "_", prefix: "x" };
  expect((await make("RandomPet", long)).id).toMatch(/^x(_[a-z]+){4}$/);
});
