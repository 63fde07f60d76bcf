/** A resource as a rule sees it: inputs with secrets taken out of their wrapping, which are never printed. */
export interface RuledResource {
  type: string;
  name: string;
  /** Name of the stack. */
  stack: string;
  /** Pulumi refuses to delete it. */
  protected: boolean;
  props: Readonly<Record<string, unknown>>;
  /** Of the resources that the inputs were made from, by the input. Empty where only one resource is looked at. */
  madeFrom: Readonly<Record<string, readonly RuledResource[]>>;
  /** Resources with an input that was made from it: a bucket's settings, on AWS. Empty where only one is looked at. */
  usedBy: readonly RuledResource[];
}

/** One rule of the pack. */
export interface Rule {
  /** Name by which a configuration of the pack switches it. */
  name: string;
  /** What it asks for, and how to comply. */
  description: string;
  /** Looks at stacks of production alone: see `production.ts`. */
  productionOnly?: boolean;
  /** What is wrong with the resource, one line each; nothing for types that it is not about. */
  check(resource: RuledResource): string[];
}

/** The value at a path of keys; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null ? Reflect.get(found, String(key)) : undefined,
    value,
  );
}

/** A list's items; a single value is a list of one, nothing is an empty list. */
export function items(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The text at a path of keys; empty where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** Says whether a key has a value, one that is not known before the update too: reading that one would end the check. */
export function isSaid(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && Reflect.has(value, key);
}

/** The statements of a policy document: JSON, or an object. What is not known yet has none. */
export function statementsOf(policy: unknown): unknown[] {
  if (typeof policy !== "string") return items(at(policy, "Statement"));
  try {
    return items(at(JSON.parse(policy), "Statement"));
  } catch {
    return [];
  }
}
