import type { Metrics } from "./metrics";
import type { ObjectCache } from "./object-cache";
import type { EdgeView } from "./objects";
import type { SimulatorApi } from "./simulator-api";

/** What answers from outside the cluster, and the API that it is of. */
export const EdgeKind = { Ingress: "Ingress", Service: "Service" } as const;
export type EdgeKind = (typeof EdgeKind)[keyof typeof EdgeKind];

/** What the stand-in for load balancers and ingress controllers works with. */
interface AddressParts {
  api: SimulatorApi;
  edges: ObjectCache<EdgeView>;
  kind: EdgeKind;
  metrics: Metrics;
}

/**
 * Makes the function that gives one Service of type LoadBalancer, or one Ingress, the name that a cloud's load balancer
 * or an ingress controller would give it. Nothing answers under that name: `invalid` is reserved for such (RFC 2606).
 */
export function addressGiver({ api, edges, kind, metrics }: AddressParts) {
  return async (key: string): Promise<void> => {
    const edge = edges.get(key);
    if (edge === undefined || !needsAddress(edge, kind)) return;
    const { name, namespace = "default" } = edge.metadata;
    const hostname = `${name}.${namespace}.balancer.invalid`;
    if (await api.giveAddress(kind, { name, namespace }, hostname)) {
      metrics.count("addresses_given_total");
    }
  };
}

/** Whether something is called from outside, and nobody has said yet where. */
export function needsAddress({ metadata, spec, status }: EdgeView, kind: EdgeKind): boolean {
  const isOutside = kind === EdgeKind.Ingress || spec.type === "LoadBalancer";
  const isGoing = metadata.deletionTimestamp !== undefined;
  return isOutside && !isGoing && status.loadBalancer.ingress.length === 0;
}
