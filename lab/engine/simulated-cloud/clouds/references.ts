import type { Properties } from "../../grpc/wire";
import { hasUnknown } from "../../grpc/wire";
import { textAt, valuesAt } from "./paths";
import type { CloudSettings } from "./settings";
import type { World, WorldObject } from "./world";

/** That a property of one kind names an object of another. */
export interface Reference {
  /** Type token of what refers. */
  from: string;
  /** The property, `[*]` for each item of a list. */
  path: string;
  /** Type token of what is referred to: by its id, name, ARN, link or whatever else identifies it. */
  to: string;
  /** The object cannot be deleted while something refers to it. Defaults to false. */
  blocks?: boolean;
  /** Objects outside the simulation may be meant: nothing is wrong where none is found. Defaults to false. */
  isForeign?: boolean;
  /** The property of the referred object that identifies it, where the usual ones do not. */
  by?: string;
  /** Properties that both must have alike. */
  same?: readonly string[];
}

/** What a cloud says of a missing object, and of one that is in use; `{value}` and `{id}` stand for the object. */
export interface Refusals {
  missing?: string;
  inUse?: string;
}

/** The references and refusals of one cloud. */
export interface ReferenceTable {
  references: readonly Reference[];
  refusals: Readonly<Record<string, Refusals>>;
  /** Identifiers of objects that the cloud itself brings along. */
  given: readonly RegExp[];
  /** Objects of one type that come and go with those of another, whose property names them. */
  brought: readonly { type: string; by: string; path: string }[];
  fallback: Required<Refusals>;
}

const IDENTIFIERS = ["id", "arn", "name", "selfLink", "email", "url", "member", "bucket"];

/** A property that names an object which is not there, or not yet seen. */
export interface Dangling {
  reference: Reference;
  value: string;
  /** The object, where it exists but cannot be seen yet. */
  hidden?: WorldObject;
}

/** The first reference of the inputs that leads nowhere. */
export function danglingReference(
  table: ReferenceTable,
  world: World,
  settings: CloudSettings,
  object: { type: string; inputs: Properties },
): Dangling | undefined {
  const isGiven = (value: string) =>
    [...table.given, ...settings.existing.map((text) => new RegExp(text))].some((pattern) =>
      pattern.test(value),
    );
  for (const reference of table.references) {
    if (reference.from !== object.type) continue;
    for (const value of valuesAt(object.inputs, reference.path)) {
      if (typeof value !== "string" || value === "" || hasUnknown(value)) continue;
      const found = referred(world, reference, value, object.inputs);
      if (found && found.hiddenCalls > 0) return { reference, value, hidden: found };
      if (found || reference.isForeign || isGiven(value)) continue;
      if (!isBrought(table, world, reference.to, value)) return { reference, value };
    }
  }
  return undefined;
}

function isBrought(table: ReferenceTable, world: World, type: string, value: string): boolean {
  return table.brought
    .filter((row) => row.type === type)
    .some(({ by, path }) =>
      world.all(by).some(({ state }) => valuesAt(state, path).includes(value)),
    );
}

/** The object that a value of a reference names. */
export function referred(
  world: World,
  reference: Reference,
  value: string,
  inputs: Properties,
): WorldObject | undefined {
  return world
    .all(reference.to)
    .find((target) => names(reference, value, target) && isAlike(reference, inputs, target));
}

function names(reference: Reference, value: string, target: WorldObject): boolean {
  if (reference.by !== undefined) return textAt(target.state, reference.by) === value;
  return identities(target).has(value);
}

/** All that an object may be named by; those of a log group end in `:*` at will. */
function identities(object: WorldObject): Set<string> {
  const texts = IDENTIFIERS.map((name) => textAt(object.state, name)).filter((text) => text !== "");
  return new Set([object.id, ...texts, ...texts.map((text) => `${text}:*`)]);
}

function isAlike(reference: Reference, inputs: Properties, target: WorldObject): boolean {
  return (reference.same ?? []).every((name) => {
    const [own, other] = [textAt(inputs, name), textAt(target.state, name)];
    return own === "" || other === "" || own === other;
  });
}

/** The objects that keep another from being deleted. */
export function holders(table: ReferenceTable, world: World, target: WorldObject): WorldObject[] {
  return table.references
    .filter(({ to, blocks }) => blocks === true && to === target.type)
    .flatMap((reference) =>
      world
        .all(reference.from)
        .filter((object) => object.urn !== target.urn || object.id !== target.id)
        .filter((object) =>
          valuesAt(object.inputs, reference.path).some(
            (value) =>
              typeof value === "string" &&
              names(reference, value, target) &&
              isAlike(reference, object.inputs, target),
          ),
        ),
    );
}

/** The cloud's words for a reference that leads nowhere. */
export function missingText(table: ReferenceTable, { reference, value }: Dangling): string {
  const text = table.refusals[reference.to]?.missing ?? table.fallback.missing;
  return filled(text, { value, id: value, path: reference.path, type: reference.to });
}

/** The cloud's words for an object that others hold. */
export function inUseText(
  table: ReferenceTable,
  target: WorldObject,
  [holder]: readonly WorldObject[],
): string {
  const text = table.refusals[target.type]?.inUse ?? table.fallback.inUse;
  const words = { id: target.id, value: target.id, path: "", type: target.type };
  return filled(text, { ...words, holder: holder?.id ?? "", holderType: holder?.type ?? "" });
}

function filled(text: string, words: Record<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
}
