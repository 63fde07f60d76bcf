import { CONSUL_APP, CONSUL_COMPONENTS, CONSUL_PORTS } from "../consul/ports";
import { type NetworkFlow, Zone } from "../namespaces/flows";
import { type ObjectLabels, selectorLabels } from "../shared/labels";
import { objectName } from "../shared/names";
import { WORKER_APP, WORKER_HEALTH_PORT } from "../worker/ports";

/** The value of `app.kubernetes.io/name` on every pod of a gateway: what network policies select. */
export const API_GATEWAY_APP = "api-gateway";

/** The port that a gateway listens on where none is given, and that its Service offers. */
export const API_GATEWAY_PORT = 8080;

/**
 * The labels of the pods of the gateway with a logical name: what a policy of somebody that it calls selects, before the
 * gateway itself is made.
 */
export function apiGatewayPodLabels(name: string): ObjectLabels {
  return selectorLabels(API_GATEWAY_APP, objectName([name]));
}

/**
 * The connections of gateways for `Namespaces`, whose policies let nobody else reach Consul's servers and the workers:
 * `new Namespaces("fabric", { flows: apiGatewayFlows() })`. The gateway's own pods bring their policy themselves.
 * `workerPorts` are those that gateways call on workers. Defaults to 8081.
 */
export function apiGatewayFlows(
  workerPorts: readonly number[] = [WORKER_HEALTH_PORT],
): NetworkFlow[] {
  const from = { zone: Zone.Services, app: API_GATEWAY_APP };
  const component = CONSUL_COMPONENTS.server;
  return [
    {
      from,
      to: { zone: Zone.Services, app: CONSUL_APP, component },
      ports: [{ port: CONSUL_PORTS.https }],
    },
    {
      from,
      to: { zone: Zone.Agents, app: WORKER_APP },
      ports: workerPorts.map((port) => ({ port })),
    },
  ];
}
