import * as fs from "node:fs";
import * as path from "node:path";
import { fieldAt, isRecord, listAt, textAt } from "../kube/objects";
import type { MadeObject } from "../stack/lost";
import type { FindObject } from "../stack/pending";

/** An object of a simulated cloud, as far as the lab's commands look at it. */
export interface CloudObject {
  type: string;
  id: string;
  urn: string;
}

/** Folder in which the simulated clouds keep their objects, settings and log. */
export function cloudFolder(state: string): string {
  return path.join(state, "simulated-clouds");
}

/** Every object of the simulated clouds: a file each. */
export function cloudObjects(state: string): CloudObject[] {
  return madeInWorld(state).map(({ type, id, urn }) => ({ type, id, urn }));
}

/** As {@link cloudObjects}, with what each was made from. */
export function madeInWorld(state: string): MadeObject[] {
  const folder = path.join(cloudFolder(state), "objects");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => readObject(path.join(folder, file)) ?? []);
}

/** Numbers of objects by cloud, as in `{ aws: 12 }`. Pure. */
export function countByCloud(objects: readonly CloudObject[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of objects) {
    const [cloud = ""] = type.split(":");
    counts[cloud] = (counts[cloud] ?? 0) + 1;
  }
  return counts;
}

function readObject(file: string): MadeObject | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    const [type, id, urn] = ["type", "id", "urn"].map((field) => textAt(value, field));
    const inputs = fieldAt(value, "inputs");
    return type === undefined || id === undefined || urn === undefined
      ? undefined
      : { type, id, urn, inputs: isRecord(inputs) ? inputs : {} };
  } catch {
    // Removed in between, or none of theirs.
    return undefined;
  }
}

/**
 * Looks among the simulated clouds' objects for the one that an interrupted create made: it names the resource, and no
 * other resource of the stack's state has it. Resources without an outside effect, such as random values, have none.
 */
export function findInWorld(state: string, exportStack: () => Promise<string>): FindObject {
  return async ({ type, urn }) => {
    const made = cloudObjects(state).filter((object) => object.urn === urn && object.type === type);
    if (made.length === 0) return undefined;
    const resources = listAt(JSON.parse(await exportStack()), "deployment", "resources");
    const known = resources
      .filter((resource) => textAt(resource, "urn") === urn)
      .map((resource) => textAt(resource, "id"));
    return made.find(({ id }) => !known.includes(id))?.id;
  };
}
