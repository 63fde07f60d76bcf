import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { writeAtomically } from "../../../atomic-file";
import type { Properties } from "../../grpc/wire";

/** An object of a simulated cloud. All values are plain: marks of secrets are the engine's business. */
export interface WorldObject {
  /** Type token of the resource, as in `aws:ec2/vpc:Vpc`. */
  type: string;
  /** The provider's id. */
  id: string;
  /** Where ids of the type are unique: a region of AWS, else "". */
  scope: string;
  /** Logical name of the resource that made it. */
  name: string;
  urn: string;
  inputs: Properties;
  /** All properties, inputs among them. */
  state: Properties;
  /** Calls that still do not see the object. */
  hiddenCalls: number;
}

/**
 * The objects of all simulated clouds: one file each, so that they survive the process, a write costs the same
 * however many there are, and an object disappears behind the engine's back when its file is removed.
 */
export class World {
  readonly #folder: string | undefined;
  readonly #objects = new Map<string, { object: WorldObject; modified: number }>();

  /** Opens the world in a folder, which is made where it is missing. Without one it lives in memory only. */
  constructor(folder?: string) {
    this.#folder = folder;
    if (folder !== undefined) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.refresh();
  }

  /** All objects, or those of one type, as of the last {@link refresh}. */
  all(type?: string): WorldObject[] {
    const objects = [...this.#objects.values()].map(({ object }) => object);
    return type === undefined ? objects : objects.filter((object) => object.type === type);
  }

  /** The object of a type with an id; undefined where there is none. */
  find(type: string, scope: string, id: string): WorldObject | undefined {
    const name = fileName({ type, scope, id });
    this.#reread(name);
    return this.#objects.get(name)?.object;
  }

  /** Adds the object, or replaces the one with its type, scope and id. */
  put(object: WorldObject): void {
    const name = fileName(object);
    this.#objects.set(name, { object, modified: this.#write(name, object) });
  }

  /** Removes the object; that it is gone already is no fault. */
  remove(object: Pick<WorldObject, "type" | "scope" | "id">): void {
    const name = fileName(object);
    this.#objects.delete(name);
    if (this.#folder !== undefined) fs.rmSync(path.join(this.#folder, name), { force: true });
  }

  #write(name: string, object: WorldObject): number {
    if (this.#folder === undefined) return 0;
    const file = path.join(this.#folder, name);
    writeAtomically(file, JSON.stringify(object, undefined, 1));
    return fs.statSync(file).mtimeMs;
  }

  /** Takes over what others changed in the folder: the files are the truth. */
  refresh(): void {
    const folder = this.#folder;
    if (folder === undefined) return;
    const names = fs.readdirSync(folder).filter((name) => name.endsWith(".json"));
    for (const name of new Set([...names, ...this.#objects.keys()])) this.#reread(name);
  }

  #reread(name: string): void {
    if (this.#folder === undefined) return;
    const file = path.join(this.#folder, name);
    const modified = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (modified === undefined) this.#objects.delete(name);
    else if (this.#objects.get(name)?.modified !== modified) {
      const object = JSON.parse(fs.readFileSync(file, "utf8")) as WorldObject;
      this.#objects.set(name, { object, modified });
    }
  }
}

/** The name of an object outside the simulation: unique over all clouds, types and regions. */
export function effectId({ type, scope, id }: Pick<WorldObject, "type" | "scope" | "id">): string {
  return [type, scope, id].filter((part) => part !== "").join("/");
}

// The type and the end of the id for people, a digest for uniqueness.
function fileName({ type, scope, id }: Pick<WorldObject, "type" | "scope" | "id">): string {
  const digest = createHash("sha256").update(`${type}|${scope}|${id}`).digest("hex").slice(0, 16);
  const kind = type.split(":").at(-1) ?? "";
  const tail = id.replace(/[^\w.-]+/g, "-").slice(-40);
  return `${kind}.${tail}.${digest}.json`;
}
