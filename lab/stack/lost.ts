import { urnName } from "../engine/grpc/urn";
import { isRecord, listAt, recordAt, textAt } from "../kube/objects";
import { withMade } from "./pending";

/** An object of a cloud that tells for which resource it was made. */
export interface MadeObject {
  urn: string;
  type: string;
  id: string;
  inputs: Record<string, unknown>;
}

/** Lists what a cloud was made to make, by any stack. */
export type ListMade = () => readonly MadeObject[];

type Resource = Record<string, unknown>;

/**
 * Takes into an exported state what the stack made without ever hearing of it: the answer to a create was lost, or came
 * as an error, and the engine notes nothing of such a create. Pure.
 *
 * A second object of a resource that the state knows is one too many: it is taken over for the next up to delete. What
 * cannot be placed, since its component or its provider is not clear, is left alone, and told.
 *
 * @returns the state with them, and what was taken over or left, a line each.
 */
export function takeOverLost(
  exported: string,
  made: readonly MadeObject[],
): { state: string; taken: string[]; left: string[] } {
  const state: unknown = JSON.parse(exported);
  const deployment = recordAt(state, "deployment");
  const known = listAt(deployment, "resources").filter(isRecord);
  const lost = made.filter((object) => isLost(object, known));
  const placed = lost.map((object) => ({ object, resource: resourceFor(object, known) }));
  const found = placed.flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
  const second = found.filter((one) => one.delete === true);
  const only = found.filter((one) => one.delete !== true);
  const resources = [...only.reduce<unknown[]>(withMade, known), ...second];
  const lines = (isTaken: boolean) =>
    placed
      .filter(({ resource }) => (resource !== undefined) === isTaken)
      .map(({ object: { urn, type, id } }) => `${type} ${urnName(urn)} (${id})`);
  return {
    state: JSON.stringify({
      ...recordAt(state),
      deployment: { ...deployment, resources },
    }),
    taken: lines(true),
    left: lines(false),
  };
}

// By id: a resource that the program has renamed keeps its object, which was made under the old name.
function isLost({ urn, type, id }: MadeObject, known: readonly Resource[]): boolean {
  const stack = known.find((resource) => resource.type === "pulumi:pulumi:Stack");
  const prefix = textAt(stack, "urn")?.split("::").slice(0, 2).join("::");
  if (prefix === undefined || !urn.startsWith(`${prefix}::`)) return false;
  return !known.some((resource) => resource.type === type && resource.id === id);
}

function resourceFor(object: MadeObject, known: readonly Resource[]): Resource | undefined {
  const { urn, type, id, inputs } = object;
  const parent = parentOf(urn, known);
  const provider = parent === undefined ? undefined : providerFor(type, parent, known);
  if (provider === undefined) return undefined;
  const isSecond = known.some(
    (one) => one.urn === urn && one.delete !== true && one.pendingReplacement !== true,
  );
  const dependencies = namedIn(object, known);
  const resource = {
    ...{ urn, custom: true, id, type, inputs, outputs: {} },
    ...{ parent, provider, dependencies },
  };
  return isSecond ? { ...resource, delete: true } : resource;
}

/**
 * A URN names the types of the components around a resource, and not the components. Of several, it is the one whose
 * name the resource's begins with, as all of the library's do; of several of those, the one with the longest name.
 */
function parentOf(urn: string, known: readonly Resource[]): string | undefined {
  const types = (urn.split("::")[2] ?? "").split("$").slice(0, -1).join("$");
  const around = types === "" ? "pulumi:pulumi:Stack" : types;
  const name = urnName(urn);
  const [parent] = known
    .flatMap((resource) => textAt(resource, "urn") ?? [])
    .filter((one) => one.split("::")[2] === around)
    .filter((one) => types === "" || name === urnName(one) || name.startsWith(`${urnName(one)}-`))
    .sort((one, other) => urnName(other).length - urnName(one).length);
  return parent;
}

/** The provider of the resources beside it, else the only one of its package. */
function providerFor(type: string, parent: string, known: readonly Resource[]): string | undefined {
  const cloud = type.split(":")[0] ?? "";
  const ofCloud = known.filter((resource) => textAt(resource, "type")?.startsWith(`${cloud}:`));
  const beside = providersOf(ofCloud.filter((resource) => resource.parent === parent));
  const all = known
    .filter((resource) => resource.type === `pulumi:providers:${cloud}`)
    .map(({ urn, id }) => `${String(urn)}::${String(id)}`);
  const [only, ...others] = beside.length > 0 ? beside : all;
  return others.length > 0 ? undefined : only;
}

/**
 * Resources that the inputs name by id, ARN or name: they must not go before what was made from them. An up tells the
 * engine the same again; this is for a run that takes the object away. What only happens to have a name that the inputs
 * hold goes later too, which is no harm: what was lost, nothing was made from.
 *
 * What takes the place of a resource depends on those before it alone, as the order of a state demands.
 */
function namedIn({ urn, inputs }: MadeObject, known: readonly Resource[]): string[] {
  const texts = new Set(textsIn(inputs));
  const place = known.findIndex((resource) => resource.urn === urn && resource.delete !== true);
  return known.slice(0, place < 0 ? known.length : place).flatMap((resource) => {
    const named = [["id"], ["outputs", "arn"], ["outputs", "name"]];
    const names = named.map((fields) => textAt(resource, ...fields));
    const isNamed = resource.custom === true && names.some((name) => texts.has(name ?? ""));
    return isNamed ? (textAt(resource, "urn") ?? []) : [];
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function providersOf(resources: readonly Resource[]): string[] {
  return [...new Set(resources.flatMap((resource) => textAt(resource, "provider") ?? []))];
}
