import { isRecord, listAt, recordAt, textAt } from "../kube/objects";

/** What an interrupted create was given. */
export interface PendingCreate {
  urn: string;
  type: string;
  inputs: Record<string, unknown>;
  /** When the run that was interrupted began; undefined where nothing tells. */
  since?: Date;
}

/** Finds the id of the object that an interrupted create made; undefined where it made none. */
export type FindObject = (create: PendingCreate) => Promise<string | undefined>;

/**
 * Settles the operations under way in an exported state: a create that made its object becomes a resource,
 * every other operation is dropped. What an interrupted update or delete came to, a refresh finds out.
 *
 * `since` is when the interrupted run began, where that is known.
 *
 * @returns the state without operations under way, and what was settled, a line each.
 */
export async function settlePending(
  exported: string,
  find: FindObject,
  since?: Date,
): Promise<{ state: string; settled: string[] }> {
  const state: unknown = JSON.parse(exported);
  const deployment = recordAt(state, "deployment");
  const operations = listAt(deployment, "pending_operations");
  const made: Record<string, unknown>[] = [];
  for (const operation of operations.filter((one) => textAt(one, "type") === "creating")) {
    const resource = recordAt(operation, "resource");
    const id = await find({
      urn: textAt(resource, "urn") ?? "",
      type: textAt(resource, "type") ?? "",
      inputs: recordAt(resource, "inputs"),
      ...(since !== undefined && { since }),
    });
    if (id !== undefined) made.push({ ...resource, id, outputs: {} });
  }
  const resources = made.reduce(withMade, listAt(deployment, "resources"));
  const settledDeployment = { ...deployment, resources, pending_operations: undefined };
  return {
    state: JSON.stringify({ ...recordAt(state), deployment: settledDeployment }),
    settled: operations.map((operation) => {
      const urn = textAt(operation, "resource", "urn") ?? "";
      return `${textAt(operation, "type") ?? ""} ${urn.split("::").slice(2).join(" ")}`;
    }),
  };
}

/**
 * Resources of a state with one that was just found made. What it replaces is for the next up to delete, unless that is
 * gone already: then it stands in its place. Pure.
 */
export function withMade(resources: readonly unknown[], made: Record<string, unknown>): unknown[] {
  const place = resources.findIndex(
    (resource) => isRecord(resource) && resource.urn === made.urn && resource.delete !== true,
  );
  const replaced = resources[place];
  if (!isRecord(replaced)) return [...resources, made];
  const isGone = replaced.id === made.id || replaced.pendingReplacement === true;
  const both = isGone ? [made] : [made, { ...replaced, delete: true }];
  return [...resources.slice(0, place), ...both, ...resources.slice(place + 1)];
}
