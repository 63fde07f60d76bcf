/** Metadata of an object, as far as callers look at it by name. */
export interface ObjectMeta {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  generation?: number;
  resourceVersion?: string;
  uid?: string;
  [field: string]: unknown;
}

/** Any object of the API; the fields of its kind are read with `fieldAt` and its siblings. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** Names an object. `namespace` is ignored for cluster-scoped kinds and defaults to the client's. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

/** What identifies an object: a reference to it, or the object itself. */
export type ObjectLike = ObjectRef | KubeObject;

/** Says whether a value is an object with fields (not null, not an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says whether a value has what every API object has. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isRecord(value) &&
    typeof value.apiVersion === "string" &&
    typeof value.kind === "string" &&
    isRecord(value.metadata)
  );
}

/** The reference of an object; an object without a name has an empty one. */
export function refOf(object: ObjectLike): ObjectRef {
  if (!isKubeObject(object)) return object;
  const { name = "", namespace } = object.metadata;
  const { apiVersion, kind } = object;
  return namespace === undefined
    ? { apiVersion, kind, name }
    : { apiVersion, kind, name, namespace };
}

/** The record without some of its fields. */
export function omit(
  record: Record<string, unknown>,
  ...keys: readonly string[]
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** The value found by following keys and list indices; undefined where the way ends early. */
export function fieldAt(value: unknown, ...path: (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current) && typeof step === "number") current = current[step];
    else if (isRecord(current)) current = current[String(step)];
    else return undefined;
  }
  return current;
}

/** `fieldAt` for a string; anything else there counts as absent. */
export function textAt(value: unknown, ...path: (string | number)[]): string | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** `fieldAt` for a number; anything else there counts as absent. */
export function numberAt(value: unknown, ...path: (string | number)[]): number | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** `fieldAt` for a list; anything else there counts as an empty one. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = fieldAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** `fieldAt` for a record; anything else there counts as an empty one. */
export function recordAt(value: unknown, ...path: (string | number)[]): Record<string, unknown> {
  const found = fieldAt(value, ...path);
  return isRecord(found) ? found : {};
}

/** The object's status condition of a type, with its empty fields filled. */
export function conditionOf(
  object: unknown,
  type: string,
): { status: string; reason: string; message: string } | undefined {
  const found = listAt(object, "status", "conditions").find((c) => fieldAt(c, "type") === type);
  if (found === undefined) return undefined;
  return {
    status: textAt(found, "status") ?? "Unknown",
    reason: textAt(found, "reason") ?? "",
    message: textAt(found, "message") ?? "",
  };
}
