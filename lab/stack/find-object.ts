import type { KubeClient } from "../kube/client";
import { isKubeObject, listAt, textAt, type KubeObject } from "../kube/objects";
import type { FindObject } from "./pending";

/**
 * Looks in the cluster for the object that an interrupted create made. All our objects are named by the program,
 * but somebody else may have made one of that name: ours bears the mark of a provider's write, and is no older
 * than the run, where it is known when that began. A stranger's object counts as not made, and the next up
 * says that it exists. Resources of other providers (random values, keys) exist only in the state: what was not
 * recorded does not exist.
 */
export function findInCluster(client: KubeClient): FindObject {
  return async ({ type, inputs, since }) => {
    if (!type.startsWith("kubernetes:") || !isKubeObject(inputs)) return undefined;
    if (inputs.metadata.name === undefined) return undefined;
    const found = await client.find(inputs);
    if (found === undefined || !isOfProvider(found)) return undefined;
    // A patch is of an object that others made, at any time.
    if (!type.endsWith("Patch") && since !== undefined && isOlder(found, since)) return undefined;
    const { namespace, name } = found.metadata;
    return namespace === undefined ? name : `${namespace}/${name ?? ""}`;
  };
}

// The official provider writes as pulumi-kubernetes with a suffix, or by the name of its program.
function isOfProvider(object: KubeObject): boolean {
  return listAt(object, "metadata", "managedFields").some((entry) =>
    /^pulumi-(?:kubernetes(?:-[0-9a-z]+)?|resource-kubernetes)$/.test(
      textAt(entry, "manager") ?? "",
    ),
  );
}

// The server counts whole seconds, and its clock may be a little behind.
const CLOCK_TOLERANCE_SECONDS = 2;

function isOlder(object: KubeObject, since: Date): boolean {
  const created = Date.parse(textAt(object, "metadata", "creationTimestamp") ?? "");
  return created < since.getTime() - CLOCK_TOLERANCE_SECONDS * 1000;
}
