import { isProperties, isSecret, isUnknown, type Properties } from "../../grpc/wire";
import type { InputFault } from "../resource-kind";
import type { Sdk } from "./sdk";
import type { SdkField, SdkType } from "./type-expression";

/** Everything about the properties that the SDK's declarations do not allow, each fault with its path. */
export function typeFaults(
  sdk: Sdk,
  fields: ReadonlyMap<string, SdkField>,
  values: Properties,
  at = "",
): InputFault[] {
  const faults: InputFault[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("__")) continue;
    const field = fields.get(name);
    const property = at === "" ? name : `${at}.${name}`;
    if (!field) faults.push({ property, reason: unexpected(name, [...fields.keys()]) });
    else if (isGiven(value)) faults.push(...valueFaults(sdk, field.type, value, property));
  }
  for (const [name, { isOptional }] of fields) {
    if (isOptional || isGiven(values[name])) continue;
    const property = at === "" ? name : `${at}.${name}`;
    faults.push({ property, reason: "required, but missing" });
  }
  return faults;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function unexpected(name: string, allowed: string[]): string {
  const near = allowed.filter((other) => distance(name, other) <= 2);
  const hint = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
  return `unknown property${hint || `, allowed ${allowed.sort().join(", ")}`}`;
}

function valueFaults(sdk: Sdk, type: SdkType, value: unknown, at: string): InputFault[] {
  if (isSecret(value)) return valueFaults(sdk, type, value.value, at);
  if (isUnknown(value) || !isGiven(value)) return [];
  switch (type.kind) {
    case "named":
      return valueFaults(sdk, sdk.resolve(type), value, at);
    case "fields":
      return isProperties(value) ? typeFaults(sdk, type.fields, value, at) : wrong(type, value, at);
    case "list":
      if (!Array.isArray(value)) return wrong(type, value, at);
      return value.flatMap((item, index) => valueFaults(sdk, type.item, item, `${at}[${index}]`));
    case "map":
      if (!isProperties(value)) return wrong(type, value, at);
      return Object.entries(value).flatMap(([key, item]) =>
        valueFaults(sdk, type.item, item, /^\w+$/.test(key) ? `${at}.${key}` : `${at}["${key}"]`),
      );
    case "oneOf":
      return alternativeFaults(sdk, type, value, at);
    default:
      return isScalarOf(type, value) ? [] : wrong(type, value, at);
  }
}

// Of several alternatives that all fail, the one that comes nearest explains most.
function alternativeFaults(
  sdk: Sdk,
  type: SdkType & { kind: "oneOf" },
  value: unknown,
  at: string,
): InputFault[] {
  const attempts = type.members
    .filter(({ kind }) => kind !== "nothing")
    .map((member) => valueFaults(sdk, member, value, at));
  if (attempts.some((faults) => faults.length === 0)) return [];
  const deeper = attempts.filter((faults) => faults.every(({ property }) => property !== at));
  const [nearest] = deeper.sort((one, other) => one.length - other.length);
  return nearest ?? (attempts.length === 1 ? (attempts[0] ?? []) : wrong(type, value, at));
}

function isScalarOf(type: SdkType, value: unknown): boolean {
  switch (type.kind) {
    case "any":
      return true;
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "flag":
      return typeof value === "boolean";
    case "literal":
      return value === type.value;
    case "asset":
      return isProperties(value);
    default:
      return false;
  }
}

function wrong(type: SdkType, value: unknown, property: string): InputFault[] {
  const got = JSON.stringify(value);
  const shown = got.length > 60 ? `${got.slice(0, 57)}...` : got;
  return [{ property, reason: `must be ${described(type)}, got ${shown}` }];
}

function described(type: SdkType): string {
  switch (type.kind) {
    case "text":
      return "a string";
    case "number":
      return "a number";
    case "flag":
      return "true or false";
    case "list":
      return "a list";
    case "map":
    case "fields":
    case "named":
      return "an object";
    case "literal":
      return JSON.stringify(type.value);
    case "asset":
      return "an asset";
    case "oneOf": {
      const names = type.members.filter(({ kind }) => kind !== "nothing").map(described);
      return [...new Set(names)].join(" or ");
    }
    default:
      return "anything";
  }
}

// The number of single-character edits between two names (Levenshtein).
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [column, opposite] of Array.from(other).entries()) {
      const cost = character.toLowerCase() === opposite.toLowerCase() ? 0 : 1;
      const edits = [row[column + 1] ?? 0, next[column] ?? 0].map((count) => count + 1);
      next.push(Math.min(...edits, (row[column] ?? 0) + cost));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
