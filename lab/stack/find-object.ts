import type { KubeClient } from "../kube/client";
import { isKubeObject } from "../kube/objects";
import type { FindObject } from "./pending";

/**
 * Looks in the cluster for the object that an interrupted create may have made. All our objects are named
 * by the program, so the name alone tells. Resources of other providers (random values, keys) exist only in
 * the state: what was not recorded does not exist.
 */
export function findInCluster(client: KubeClient): FindObject {
  return async ({ type, inputs }) => {
    if (!type.startsWith("kubernetes:") || !isKubeObject(inputs)) return undefined;
    if (inputs.metadata.name === undefined) return undefined;
    const found = await client.find(inputs);
    if (found === undefined) return undefined;
    const { namespace, name } = found.metadata;
    return namespace === undefined ? name : `${namespace}/${name ?? ""}`;
  };
}
