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
  const deployment = record(field(state, "deployment"));
  const operations = list(deployment.pending_operations);
  const made: unknown[] = [];
  for (const operation of operations.filter((one) => field(one, "type") === "creating")) {
    const resource = record(field(operation, "resource"));
    const id = await find({
      urn: text(resource.urn),
      type: text(resource.type),
      inputs: record(resource.inputs),
      ...(since !== undefined && { since }),
    });
    if (id !== undefined) made.push({ ...resource, id, outputs: {} });
  }
  const resources = [...list(deployment.resources), ...made];
  const settledDeployment = { ...deployment, resources, pending_operations: undefined };
  return {
    state: JSON.stringify({ ...record(state), deployment: settledDeployment }),
    settled: operations.map((operation) => {
      const urn = text(field(field(operation, "resource"), "urn"));
      return `${text(field(operation, "type"))} ${urn.split("::").slice(2).join(" ")}`;
    }),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function field(value: unknown, key: string): unknown {
  return record(value)[key];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
