import { hasUnknown, isProperties, type Properties, plainProperties } from "../grpc/wire";
import { type InputFault, type InputRule, type ResourceKind, Shape } from "./resource-kind";

// The SDKs of bridged providers note here which inputs their own defaults filled.
const BOOKKEEPING = "__defaults";

/** Everything wrong with the inputs of a resource, each fault with its property. */
export function inputFaults(kind: ResourceKind, news: Properties): InputFault[] {
  const plain = plainProperties(news);
  const unexpected = Object.keys(plain)
    .filter((name) => name !== BOOKKEEPING && !(name in kind.inputs))
    .map((property) => ({
      property,
      reason: `unknown property, allowed ${Object.keys(kind.inputs).join(", ")}`,
    }));
  const faults = Object.entries(kind.inputs).flatMap(([property, rule]) => {
    const reason = ruleFault(rule, plain[property]);
    return reason === undefined ? [] : [{ property, reason }];
  });
  if (faults.length > 0 || !kind.check) return [...unexpected, ...faults];
  const given = new Set(Object.keys(plain).filter((name) => isGiven(plain[name])));
  const known = Object.entries(withDefaults(kind, plain)).filter(([, value]) => !hasUnknown(value));
  return [...unexpected, ...kind.check(Object.fromEntries(known), given)];
}

/** The inputs as the resource takes them: defaults filled in, bookkeeping gone, secret marks kept. */
export function withDefaults(kind: ResourceKind, news: Properties): Properties {
  const filled: Properties = {};
  for (const [property, rule] of Object.entries(kind.inputs)) {
    const value = isGiven(news[property]) ? news[property] : rule.default;
    if (value !== undefined) filled[property] = value;
  }
  return kind.complete?.(filled) ?? filled;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function ruleFault(rule: InputRule, value: unknown): string | undefined {
  if (!isGiven(value)) return rule.required ? "required, but missing" : undefined;
  if (hasUnknown(value)) return undefined;
  if (!hasShape(rule.shape, value)) return `must be ${rule.shape}, got ${JSON.stringify(value)}`;
  if (rule.minimum !== undefined && Number(value) < rule.minimum) {
    return `must be at least ${rule.minimum}, got ${String(value)}`;
  }
  const strings: unknown[] = Array.isArray(value) ? value : [value];
  const wrong = strings.find((item) => rule.allowed?.includes(String(item)) === false);
  if (wrong === undefined) return undefined;
  return `got ${JSON.stringify(wrong)}, allowed ${rule.allowed?.join(", ") ?? ""}`;
}

function hasShape(shape: Shape, value: unknown): boolean {
  switch (shape) {
    case Shape.Text:
      return typeof value === "string";
    case Shape.Integer:
      return Number.isInteger(value);
    case Shape.Flag:
      return typeof value === "boolean";
    case Shape.TextList:
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case Shape.TextMap:
      return isProperties(value) && Object.values(value).every((item) => typeof item === "string");
    case Shape.Record:
      return isProperties(value);
  }
}

/** Reads a checked input; throws when it is not there, which Check has made impossible. */
export function textOf(inputs: Properties, name: string): string {
  const value = inputs[name];
  if (typeof value !== "string") throw new TypeError(`${name}: not a string`);
  return value;
}

/** Reads a checked input that may be missing. */
export function optionalText(inputs: Properties, name: string): string | undefined {
  return inputs[name] === undefined ? undefined : textOf(inputs, name);
}

/** Reads a checked input; throws when it is not there. */
export function numberOf(inputs: Properties, name: string): number {
  const value = inputs[name];
  if (typeof value !== "number") throw new TypeError(`${name}: not a number`);
  return value;
}

/** Reads a checked input; a missing list is empty. */
export function textsOf(inputs: Properties, name: string): string[] {
  const value = inputs[name] ?? [];
  if (!Array.isArray(value)) throw new TypeError(`${name}: not a list`);
  return value.map(String);
}
