import { randomInt } from "node:crypto";
import type { Properties } from "../../grpc/wire";
import { numberOf, optionalText } from "../inputs";
import { type InputFault, type InputRule, type ResourceKind, Shape } from "../resource-kind";
import { keepers } from "./keepers";

// The characters and the names of the switches are those of the official provider's documentation.
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const on = { shape: Shape.Flag, default: true } as const satisfies InputRule;
const atLeast = { shape: Shape.Integer, default: 0, minimum: 0 } as const satisfies InputRule;

const inputs: Record<string, InputRule> = {
  keepers,
  length: { shape: Shape.Integer, required: true, minimum: 1 },
  lower: on,
  minLower: atLeast,
  minNumeric: atLeast,
  minSpecial: atLeast,
  minUpper: atLeast,
  number: { shape: Shape.Flag },
  numeric: { shape: Shape.Flag },
  overrideSpecial: { shape: Shape.Text },
  special: on,
  upper: on,
};

/** `random.RandomString`: the same as a password, but shown in plain text. Imported from the string. */
export const randomString: ResourceKind = {
  inputs,
  outputs: ["result"],
  secrets: [],
  check,
  complete,
  create: (given) => {
    const result = characters(given);
    return { id: result, outputs: { result } };
  },
  adopt: (id) => ({ id, state: { length: id.length, result: id } }),
};

/**
 * `random.RandomPassword`. Imported from the password. The output `bcryptHash` is left out: nothing at hand
 * makes such hashes, and a program that reads it must not get a false one.
 */
export const randomPassword: ResourceKind = {
  inputs,
  outputs: ["result"],
  secrets: ["bcryptHash", "result"],
  check,
  complete,
  create: (given) => ({ id: "none", outputs: { result: characters(given) } }),
  adopt: (id) => ({ id: "none", state: { length: id.length, result: id } }),
};

const MINIMUMS = ["minLower", "minNumeric", "minSpecial", "minUpper"];

function check(known: Properties, given: ReadonlySet<string>): InputFault[] {
  const faults: InputFault[] = [];
  if (given.has("number") && given.has("numeric") && known.number !== known.numeric) {
    faults.push({ property: "number", reason: "contradicts numeric, which replaces it" });
  }
  const flags = ["lower", "numeric", "special", "upper"];
  if (flags.every((flag) => known[flag] === false)) {
    faults.push({ property: "lower", reason: `one of ${flags.join(", ")} must be on` });
  }
  const { length } = known;
  if (typeof length !== "number" || MINIMUMS.some((name) => known[name] === undefined))
    return faults;
  const needed = MINIMUMS.reduce((sum, name) => sum + numberOf(known, name), 0);
  if (needed <= length) return faults;
  const reason = `must be at least the sum of ${MINIMUMS.join(", ")} (${needed}), got ${length}`;
  return [...faults, { property: "length", reason }];
}

// `number` is the old name of `numeric`; either may be given, and the state shows both.
function complete(inputs: Properties): Properties {
  return {
    ...inputs,
    number: inputs.number ?? inputs.numeric ?? true,
    numeric: inputs.numeric ?? inputs.number ?? true,
  };
}

interface Group {
  alphabet: string;
  isOn: boolean;
  minimum: number;
}

function groups(given: Properties): Group[] {
  const special = optionalText(given, "overrideSpecial") ?? "";
  const group = (alphabet: string, flag: string, minimum: string) => ({
    alphabet,
    isOn: given[flag] !== false,
    minimum: numberOf(given, minimum),
  });
  return [
    group(LOWER, "lower", "minLower"),
    group(DIGITS, "numeric", "minNumeric"),
    group(special === "" ? SPECIAL : special, "special", "minSpecial"),
    group(UPPER, "upper", "minUpper"),
  ];
}

// First what each group must have (even one that is off otherwise, as officially), then from all that are
// on up to the length; then in random order.
function characters(given: Properties): string {
  const all = groups(given);
  const picked = all.flatMap(({ alphabet, minimum }) => pick(alphabet, minimum));
  const alphabet = all.map((group) => (group.isOn ? group.alphabet : "")).join("");
  const rest = pick(alphabet, numberOf(given, "length") - picked.length);
  return shuffled([...picked, ...rest]).join("");
}

function pick(alphabet: string, count: number): string[] {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length)));
}

/** The items in random order. `choose` gives a whole number below its argument; defaults to randomInt. */
export function shuffled<T>(
  items: readonly T[],
  choose: (bound: number) => number = (bound) => randomInt(bound),
): T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(choose(rest.length), 1));
}
