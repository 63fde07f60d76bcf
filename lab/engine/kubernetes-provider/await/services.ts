import { fieldAt, isRecord, listAt, textAt, type KubeObject } from "../../../kube/objects";
import { ready, waitingFor, type AwaitRule, type Readiness } from "./readiness";

/** A Service: has its load balancer's address, and no address behind it that is not ready. */
export const service: AwaitRule = {
  looksAround: true,
  onRead: true,
  async evaluate(live, around): Promise<Readiness> {
    if (
      textAt(live, "spec", "type") === "LoadBalancer" &&
      listAt(live, "status", "loadBalancer", "ingress").length === 0
    ) {
      return waitingFor("the load balancer has no address yet");
    }
    if (!hasTrackedEndpoints(live)) return ready;
    const slices = await around.list(
      "discovery.k8s.io/v1",
      "EndpointSlice",
      live.metadata.namespace ?? "default",
      `kubernetes.io/service-name=${live.metadata.name ?? ""}`,
    );
    return endpointReadiness(slices);
  },
};

function hasTrackedEndpoints(live: KubeObject): boolean {
  const selector = fieldAt(live, "spec", "selector");
  return (
    isRecord(selector) &&
    Object.keys(selector).length > 0 &&
    textAt(live, "spec", "clusterIP") !== "None" &&
    textAt(live, "spec", "type") !== "ExternalName"
  );
}

/** Judges a Service by its endpoints. A Service without any pods is ready: they may come later. */
export function endpointReadiness(slices: readonly KubeObject[]): Readiness {
  if (slices.length === 0) return waitingFor("the endpoints do not exist yet");
  const waiting = slices
    .flatMap((slice) => listAt(slice, "endpoints"))
    .filter((endpoint) => fieldAt(endpoint, "conditions", "ready") === false)
    .filter((endpoint) => fieldAt(endpoint, "conditions", "terminating") !== true);
  return waitingFor(
    waiting.length > 0 && `${waiting.length} pods behind the Service are not ready`,
  );
}

/** An Ingress: has an address. */
export const ingress: AwaitRule = {
  onRead: true,
  evaluate: (live) =>
    waitingFor(
      listAt(live, "status", "loadBalancer", "ingress").length === 0 &&
        "the ingress has no address yet",
    ),
};
