import type { KubeClient } from "../../../kube/client";
import { isKubeError, KubeError } from "../../../kube/kube-error";
import { isRecord, listAt, refOf, textAt, type KubeObject } from "../../../kube/objects";
import { suffix } from "../check/autoname";
import type { Settings } from "../config/settings";
import { Annotation } from "../kinds";

/** Who owns the fields of objects made by a plain create. */
export const CREATE_MANAGER = "pulumi-kubernetes";

/** Managers of plain writes whose fields become the resource's own at its first apply. */
const plainWriters = [
  "kubectl",
  "before-first-apply",
  CREATE_MANAGER,
  "pulumi-resource-kubernetes",
];

/** The manager of a resource: named by annotation, else as in its state, else a new one. */
export function managerOf(
  object: KubeObject,
  known: string | undefined,
  settings: Settings,
): string {
  if (!settings.enableServerSideApply) return CREATE_MANAGER;
  const named = textAt(object, "metadata", "annotations", Annotation.PatchFieldManager);
  return named ?? known ?? `${CREATE_MANAGER}-${suffix()}`;
}

/** Says whether apply may take fields from other managers. */
export function mayForce(object: KubeObject, settings: Settings): boolean {
  const annotation = textAt(object, "metadata", "annotations", Annotation.PatchForce);
  return annotation === "true" || settings.enablePatchForce;
}

/** The managers of plain writes that own fields of an object. */
export function plainWritersOf(live: KubeObject): unknown[] {
  return listAt(live, "metadata", "managedFields").filter(isPlainWrite);
}

function isPlainWrite(entry: unknown): boolean {
  return (
    textAt(entry, "operation") === "Update" &&
    plainWriters.includes(textAt(entry, "manager") ?? "") &&
    (textAt(entry, "subresource") ?? "") === ""
  );
}

/**
 * Ownership as it should be before an apply: what plain writes own is the manager's, so that the apply can
 * also remove fields. Undefined where there is nothing to move.
 */
export function migratedOwnership(live: KubeObject, manager: string): unknown[] | undefined {
  const entries = listAt(live, "metadata", "managedFields");
  const moved = entries.filter(isPlainWrite);
  if (moved.length === 0) return undefined;
  const isOwn = (entry: unknown) =>
    textAt(entry, "operation") === "Apply" &&
    textAt(entry, "manager") === manager &&
    (textAt(entry, "subresource") ?? "") === "";
  const own = entries.find(isOwn) ?? moved[0];
  const fields = [...entries.filter(isOwn), ...moved]
    .map((entry) => (isRecord(entry) ? entry.fieldsV1 : undefined))
    .reduce(union);
  const merged = { ...(isRecord(own) ? own : {}), manager, operation: "Apply", fieldsV1: fields };
  return [...entries.filter((entry) => !isPlainWrite(entry) && !isOwn(entry)), merged];
}

// A set of fields is a tree of objects, in which `{}` is a leaf.
function union(left: unknown, right: unknown): unknown {
  if (!isRecord(left) || !isRecord(right)) return left ?? right;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...keys].map((key) => [key, union(left[key], right[key])]));
}

/**
 * Moves ownership on the server as `migratedOwnership` says. What changed meanwhile (controllers write statuses
 * at any time) is read and tried again, as client-go does on conflicts: 5 times in all.
 */
export async function migrateOwnership(
  client: KubeClient,
  live: KubeObject,
  manager: string,
  attempts = 5,
): Promise<void> {
  const managedFields = migratedOwnership(live, manager);
  if (!managedFields) return;
  const patch = [
    { op: "replace", path: "/metadata/managedFields", value: managedFields },
    { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
  ];
  try {
    await client.patch(live, patch, { contentType: "application/json-patch+json" });
  } catch (error) {
    if (attempts <= 1 || !isKubeError(error, "Conflict")) throw error;
    await migrateOwnership(client, await client.get(refOf(live)), manager, attempts - 1);
  }
}

/** Gives up all fields that a manager owns, by applying an object without any. */
export async function relinquish(client: KubeClient, object: KubeObject, manager: string) {
  const { apiVersion, kind, name, namespace } = refOf(object);
  const metadata = namespace === undefined ? { name } : { name, namespace };
  await client.apply({ apiVersion, kind, metadata }, { fieldManager: manager });
}

/** A conflict of managers in words that say what to do about it; any other error as it is. */
export function explainConflict(error: unknown, object: KubeObject): unknown {
  if (!isKubeError(error, "Conflict") || !error.message.startsWith("Apply failed")) return error;
  const { name = "", namespace } = object.metadata;
  const what = namespace === undefined ? name : `${namespace}/${name}`;
  return new KubeError(
    error.status,
    error.reason,
    `the resource "${what}" has fields that something else manages: Server-Side Apply field conflict detected. ` +
      `Leave these fields out, or take them over with the annotation ${Annotation.PatchForce}: "true". ` +
      error.message,
    error.body,
  );
}
