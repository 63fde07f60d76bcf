import type { SimulatedCluster } from "../engine/simulated-cloud/effects";
import { isRecord, listAt, textAt } from "../kube/objects";

/** A simulated cluster with where it answers. */
export interface AnsweringCluster {
  cluster: SimulatedCluster;
  /** URL of its API server. */
  endpoint: string;
}

/**
 * Of the simulated clusters, those that a stack made: a resource of the cluster's type in the stack's exported state has
 * its id or its address. Pure.
 */
export function clustersOfStack<T extends AnsweringCluster>(
  exported: string,
  clusters: readonly T[],
): T[] {
  const resources = listAt(JSON.parse(exported), "deployment", "resources").filter(isRecord);
  return clusters.filter(({ cluster, endpoint }) =>
    resources
      .filter((resource) => textAt(resource, "type") === cluster.type)
      .some(
        (resource) =>
          textAt(resource, "id") === cluster.id ||
          names(endpoint).test(JSON.stringify(resource.outputs ?? {})),
      ),
  );
}

// With or without a scheme, and no longer port that begins with the same digits.
function names(endpoint: string): RegExp {
  return new RegExp(`${new URL(endpoint).host.replaceAll(".", "\\.")}(?!\\d)`);
}
