import { objectLabels, type ObjectLabels } from "../shared/labels";
import { objectName } from "../shared/names";
import type { ApiGatewayPlan } from "./plan";
import { API_GATEWAY_APP } from "./ports";

/** The labels of a gateway's objects and pods: those that select it, and what it is to the fabric. */
export function gatewayLabels(name: string): ObjectLabels {
  return {
    ...objectLabels(API_GATEWAY_APP, objectName([name])),
    "app.kubernetes.io/component": API_GATEWAY_APP,
  };
}

/** The metadata of an object of a gateway; its name is the gateway's own with what follows. */
export function gatewayMetadata({ name, namespace }: ApiGatewayPlan, ...suffix: string[]) {
  return { name: objectName([name, ...suffix]), namespace, labels: gatewayLabels(name) };
}

/**
 * For what no readiness is waited for: a Service has no address before the pods run, and the address of an Ingress is
 * written by a controller that may never do so.
 */
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };
