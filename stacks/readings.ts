import type { z } from "zod";
import { makeUnreadable } from "./unreadable";

/** More readings than these say too little, for the time that they take. */
const MOST_READINGS = 24;

/** A value of the wrong type, and what its user may have meant by it: nothing where nobody can tell. */
interface WrongValue {
  path: readonly PropertyKey[];
  meanings: readonly unknown[];
}

/**
 * The ways to read settings that have other types than they should, each without a wrong type: unknown keys are gone,
 * what a text or a number stands for is read as such, and whatever means nothing throws when a planner reads it.
 * What is a fault in every reading is one whatever was meant. Pure.
 */
export function readingsOf(raw: unknown, issues: readonly z.core.$ZodIssue[]): object[] {
  const wrong = issues.flatMap(wrongValue);
  const unclear = wrong.filter(({ meanings }) => meanings.length > 1);
  const choices = unclear.flatMap((value) => value.meanings.slice(1).map((to) => ({ value, to })));
  const tooMany = choices.length >= MOST_READINGS;
  const read = (chosen?: (typeof choices)[number]) => {
    const copy: unknown = structuredClone(raw);
    if (!isObject(copy)) return [];
    for (const issue of issues) removeKeys(copy, issue);
    for (const value of wrong) {
      const isDark = value.meanings.length === 0 || (tooMany && unclear.includes(value));
      const meanings = chosen?.value === value ? [chosen.to] : value.meanings;
      settle(copy, value.path, isDark ? [] : meanings);
    }
    return [copy];
  };
  return [undefined, ...(tooMany ? [] : choices)].flatMap(read);
}

/** Values that the schema lets be undefined are refused by planners at the very same place: they are left out. */
function removeKeys(settings: object, issue: z.core.$ZodIssue): void {
  if (issue.code === "unrecognized_keys") {
    const parent = valueAt(settings, issue.path);
    if (isObject(parent)) for (const key of issue.keys) Reflect.deleteProperty(parent, key);
  }
  if (issue.code !== "custom" || typeof valueAt(settings, issue.path) === "string") return;
  const parent = valueAt(settings, issue.path.slice(0, -1));
  if (isObject(parent)) Reflect.deleteProperty(parent, issue.path.at(-1) ?? "");
}

function wrongValue(issue: z.core.$ZodIssue): WrongValue[] {
  const { path } = issue;
  switch (issue.code) {
    // Of the right type, but for its value, or with keys that are gone.
    case "custom":
    case "too_big":
    case "too_small":
    case "unrecognized_keys":
      return [];
    case "invalid_value":
      return [{ path, meanings: issue.values }];
    case "invalid_type":
      return [{ path, meanings: meaningsOf(issue.input, issue.expected) }];
    default:
      return [{ path, meanings: [] }];
  }
}

function meaningsOf(input: unknown, expected: string): unknown[] {
  switch (expected) {
    case "boolean":
      return [true, false];
    case "string":
      return typeof input === "number" ? textsOf(input) : [];
    case "number":
    case "int":
      return numbersIn(input).filter((number) => expected === "number" || Number.isInteger(number));
    default:
      return [];
  }
}

/** YAML takes 1.30 for 1.3. */
function textsOf(number: number): string[] {
  const text = String(number);
  return /^\d+\.\d$/.test(text) ? [text, `${text}0`] : [text];
}

function numbersIn(input: unknown): number[] {
  return typeof input === "string" && /^-?\d+(\.\d+)?$/.test(input) ? [Number(input)] : [];
}

function settle(settings: object, path: readonly PropertyKey[], meanings: readonly unknown[]) {
  const parent = valueAt(settings, path.slice(0, -1));
  const key = path.at(-1);
  if (!isObject(parent) || key === undefined) return;
  if (meanings.length === 0) makeUnreadable(parent, key);
  else Reflect.set(parent, key, meanings[0]);
}

function valueAt(settings: object, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) ? Reflect.get(value, key) : undefined),
    settings,
  );
}

/** Says whether a value of a stack's file is an object or a list. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
