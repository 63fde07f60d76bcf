import { createHash, randomInt } from "node:crypto";
import { numberOf, optionalText, textsOf } from "../inputs";
import { type ResourceKind, Shape } from "../resource-kind";
import { shuffled } from "./characters";
import { keepers } from "./keepers";

/**
 * `random.RandomInteger`: from `min` to `max`, both included. The same seed gives the same number here, but
 * not the number that the official provider derives from it. Imported from `result,min,max[,seed]`.
 */
export const randomInteger: ResourceKind = {
  inputs: {
    keepers,
    max: { shape: Shape.Integer, required: true },
    min: { shape: Shape.Integer, required: true },
    seed: { shape: Shape.Text },
  },
  outputs: ["result"],
  secrets: [],
  check: ({ min, max }) =>
    typeof min === "number" && typeof max === "number" && min > max
      ? [{ property: "max", reason: `must be at least min (${min}), got ${max}` }]
      : [],
  create: (inputs) => {
    const choose = chooser(optionalText(inputs, "seed"));
    const min = numberOf(inputs, "min");
    const result = min + choose(numberOf(inputs, "max") - min + 1);
    return { id: String(result), outputs: { result } };
  },
  adopt: (id) => {
    const [result, min, max, seed] = id.split(",");
    const numbers = { result: Number(result), min: Number(min), max: Number(max) };
    if (Object.values(numbers).some((number) => !Number.isInteger(number))) {
      throw new Error(`import id must be result,min,max or result,min,max,seed; got ${id}`);
    }
    return { id: String(numbers.result), state: { ...numbers, ...(seed && { seed }) } };
  },
};

/**
 * `random.RandomShuffle`: some of the given strings in random order. When more are asked for than there are,
 * all come once before any comes again.
 */
export const randomShuffle: ResourceKind = {
  inputs: {
    inputs: { shape: Shape.TextList, required: true },
    keepers,
    resultCount: { shape: Shape.Integer, minimum: 0 },
    seed: { shape: Shape.Text },
  },
  outputs: ["results"],
  secrets: [],
  create: (given) => {
    const items = textsOf(given, "inputs");
    const count = given.resultCount === undefined ? items.length : numberOf(given, "resultCount");
    const choose = chooser(optionalText(given, "seed"));
    const results: string[] = [];
    while (items.length > 0 && results.length < count) results.push(...shuffled(items, choose));
    return { id: "-", outputs: { results: results.slice(0, count) } };
  },
};

// Chooses whole numbers below a bound: by the system's generator, or by hashing the seed and a counter.
function chooser(seed: string | undefined): (bound: number) => number {
  if (seed === undefined) return (bound) => wide(bound);
  let counter = 0;
  return (bound) => {
    const digest = createHash("sha256").update(`${seed}\0${counter++}`).digest();
    return Number(digest.readBigUInt64BE() % BigInt(bound));
  };
}

// randomInt() takes ranges below 2^48 only; a wider one is put together from two choices.
function wide(bound: number): number {
  const part = 2 ** 32;
  if (bound < 2 ** 48) return randomInt(bound);
  for (;;) {
    const value = randomInt(Math.ceil(bound / part)) * part + randomInt(part);
    if (value < bound) return value;
  }
}
