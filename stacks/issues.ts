import type { z } from "zod";
import type { Fault } from "../components/shared/faults";
import { likelyMeant } from "../components/shared/nearest";

/**
 * Says in the user's words what zod found: one fault an issue, one a key where several are unknown.
 * The path begins with the key of the stack's file, as in `kvm-fabric:fabric.workers[0].image`.
 */
export function issueFaults(
  root: string,
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
): Fault[] {
  return issues.flatMap((issue) => faultsOf(root, schema, issue));
}

function faultsOf(root: string, schema: z.ZodType, issue: z.core.$ZodIssue): Fault[] {
  const path = pathText(root, issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(path, key, keysAt(schema, issue.path)));
    case "invalid_value":
      return [invalidValue(path, issue)];
    case "invalid_type":
      return issue.input === undefined
        ? [{ path, problem: "missing", allowed: typeText(issue.expected) }]
        : [{ path, problem: "wrong type", got: issue.input, allowed: typeText(issue.expected) }];
    case "too_small":
      return [
        {
          path,
          problem: "too small",
          got: issue.input,
          allowed: `at least ${String(issue.minimum)}`,
        },
      ];
    case "too_big":
      return [
        {
          path,
          problem: "too large",
          got: issue.input,
          allowed: `at most ${String(issue.maximum)}`,
        },
      ];
    case "custom":
      return customFaults(path, issue);
    default:
      return [{ path, problem: issue.message.toLowerCase(), got: issue.input }];
  }
}

const types: Readonly<Record<string, string>> = Object.freeze({
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a text",
});

function typeText(expected: string): string {
  return types[expected] ?? expected;
}

/** Refinements hand over whole faults (see schema.ts), with paths below the refined value. */
function customFaults(path: string, issue: z.core.$ZodIssueCustom): Fault[] {
  const faults = faultsIn(issue.params);
  if (faults.length === 0) return [{ path, problem: issue.message, got: issue.input }];
  return faults.map((fault) => ({
    ...fault,
    path: fault.path === "" ? path : `${path}.${fault.path}`,
  }));
}

function faultsIn(params: Record<string, unknown> | undefined): Fault[] {
  const faults = params?.faults;
  return Array.isArray(faults) ? faults.filter(isFault) : [];
}

function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "path" in value && "problem" in value;
}

function unknownKey(path: string, key: string, known: readonly string[]): Fault {
  const meant = likelyMeant(key, known);
  return {
    path: `${path}.${key}`,
    problem: "unknown key",
    ...(known.length > 0 && { allowed: known.join(", ") }),
    ...(meant !== undefined && { fix: `"${meant}"` }),
  };
}

function invalidValue(path: string, issue: z.core.$ZodIssueInvalidValue): Fault {
  const values = issue.values.map(String);
  const meant = typeof issue.input === "string" ? likelyMeant(issue.input, values) : undefined;
  return {
    path,
    problem: issue.input === undefined ? "missing" : "not one of the values allowed",
    ...(issue.input !== undefined && { got: issue.input }),
    allowed: values.join(", "),
    ...(meant !== undefined && { fix: `"${meant}"` }),
  };
}

function pathText(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${String(part)}]` : `${text}.${String(part)}`,
    root,
  );
}

/** The keys that the schema knows at a path; none where the path leaves objects and lists. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const part of path) at = child(unwrap(at), part);
  const shape = shapeOf(unwrap(at));
  return shape === undefined ? [] : Object.keys(shape);
}

function child(schema: unknown, part: PropertyKey): unknown {
  const definition = definitionOf(schema);
  return shapeOf(schema)?.[String(part)] ?? definition?.element ?? definition?.valueType;
}

/** What an optional, a transformed or a later looked up schema is made of. */
function unwrap(schema: unknown): unknown {
  const definition = definitionOf(schema);
  const inner = definition?.innerType ?? definition?.in ?? definition?.getter?.();
  return inner === undefined ? schema : unwrap(inner);
}

interface Definition {
  innerType?: unknown;
  in?: unknown;
  getter?: () => unknown;
  element?: unknown;
  valueType?: unknown;
  shape?: Record<string, unknown>;
}

function definitionOf(schema: unknown): Definition | undefined {
  if (typeof schema !== "object" || schema === null || !("def" in schema)) return undefined;
  const { def } = schema;
  return typeof def === "object" && def !== null ? def : undefined;
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return definitionOf(schema)?.shape;
}
