import { isDeepStrictEqual } from "node:util";
import { plainProperties, type Properties, secret, UNKNOWN } from "../grpc/wire";
import { withDefaults } from "./inputs";
import type { ResourceKind } from "./resource-kind";

/** What a change of inputs means: the properties that differ, and those of them that force a new resource. */
export interface Changes {
  changed: string[];
  replacing: string[];
}

/**
 * Compares a resource's state with new inputs. A value that is not known yet counts as changed.
 * A property left out and the same property with its default value do not differ.
 */
export function changes(
  kind: ResourceKind,
  state: Properties,
  news: Properties,
  ignored: ReadonlySet<string>,
): Changes {
  const before = plainProperties(state);
  const after = plainProperties(withDefaults(kind, news));
  const changed = Object.entries(kind.inputs)
    .filter(([name, rule]) => !rule.writeOnly && !ignored.has(name))
    .filter(([name]) => !isDeepStrictEqual(before[name] ?? undefined, after[name]))
    .map(([name]) => name);
  const expired = kind.expired?.(before) ?? [];
  const replacing = changed.filter((name) => !kind.inputs[name]?.inPlace);
  return { changed: [...changed, ...expired], replacing: [...replacing, ...expired] };
}

/** Makes the resource and returns its id and whole state. */
export async function created(
  kind: ResourceKind,
  news: Properties,
): Promise<{ id: string; state: Properties }> {
  const inputs = withDefaults(kind, news);
  const { id, outputs } = await kind.create(plainProperties(inputs));
  return { id, state: stateOf(kind, inputs, outputs) };
}

/** The state that creation would give, with what only creation can tell left unknown. */
export function previewed(kind: ResourceKind, news: Properties): Properties {
  const outputs = Object.fromEntries(kind.outputs.map((name) => [name, UNKNOWN]));
  return stateOf(kind, withDefaults(kind, news), outputs);
}

/** The state after inputs changed that need no new resource. */
export function updated(kind: ResourceKind, state: Properties, news: Properties): Properties {
  const outputs = kind.outputs.map((name) => [name, state[name]]);
  const after = stateOf(kind, withDefaults(kind, news), Object.fromEntries(outputs));
  return { ...after, ...kind.read?.(plainProperties(after)) };
}

/** Changes the resource where a change has an effect, and answers with its whole state. */
export async function changedInPlace(
  kind: ResourceKind,
  state: Properties,
  news: Properties,
): Promise<Properties> {
  if (!kind.change) return updated(kind, state, news);
  const inputs = withDefaults(kind, news);
  const outputs = await kind.change(plainProperties(state), plainProperties(inputs));
  return stateOf(kind, inputs, outputs);
}

/** The resource as it is now: what the state says, or what an import id tells. */
export function refreshed(
  kind: ResourceKind,
  id: string,
  known: { state: Properties; inputs: Properties },
): { id: string; state: Properties; inputs: Properties } {
  if (Object.keys(known.state).length > 0) {
    const state = { ...known.state, ...kind.read?.(plainProperties(known.state)) };
    return { id, state, inputs: known.inputs };
  }
  if (!kind.adopt) throw new Error("a resource of this type cannot be imported");
  const adopted = kind.adopt(id);
  const inputs = withDefaults(kind, adopted.state);
  return { id: adopted.id, state: stateOf(kind, inputs, adopted.state), inputs };
}

function stateOf(kind: ResourceKind, inputs: Properties, outputs: Properties): Properties {
  const state: Properties = {};
  for (const [name, value] of Object.entries({ ...inputs, ...outputs })) {
    if (value === undefined || kind.inputs[name]?.writeOnly) continue;
    state[name] = kind.secrets.includes(name) ? secret(value) : value;
  }
  return state;
}
