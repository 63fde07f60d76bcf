import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { CONSUL_APP, CONSUL_COMPONENTS } from "../consul/ports";
import {
  addressPeer,
  ANYWHERE,
  dnsEgress,
  type NetworkPeer,
  podPeer,
} from "../shared/network-peers";
import { WORKER_APP } from "../worker/ports";
import type { ApiGatewayPeer } from "./args";
import type { ApiGatewayPlan } from "./plan";
import { apiGatewayPodLabels } from "./ports";

type Egress = k8s.networking.v1.NetworkPolicyEgressRule;

/**
 * Who reaches a gateway, and whom it reaches: its callers on its port, what measures it on that one, and outwards DNS and
 * what its arguments name. Without a rule there is nothing, so no caller means nobody.
 */
export function gatewayPolicy(plan: ApiGatewayPlan): k8s.networking.v1.NetworkPolicySpec {
  const { clients, metrics, name, port } = plan;
  return {
    podSelector: { matchLabels: apiGatewayPodLabels(name) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      ...(clients.length === 0 ? [] : [{ from: clients.flatMap(peersOf), ports: tcp(port) }]),
      ...(metrics === undefined
        ? []
        : [{ from: metrics.scrapers.flatMap(peersOf), ports: tcp(metrics.port) }]),
    ],
    egress: [
      dnsEgress(),
      ...consulEgress(plan),
      ...workerEgress(plan),
      ...storeEgress(plan),
      ...queenEgress(plan),
      ...plan.egress.map(({ ports, to }) => ({ to: peersOf(to), ports: tcp(...ports) })),
    ],
  };
}

/**
 * What lets the authority's callers through to cert-manager's own pods, which answer for a host while its certificate is
 * issued: they run beside the gateway for as long as that takes, where other policies refuse everything. They call nobody.
 * Source: https://cert-manager.io/docs/configuration/acme/http01/
 */
export function solverPolicy({ clients }: ApiGatewayPlan): k8s.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: clients.flatMap(peersOf), ports: tcp(SOLVER_PORT) }],
    egress: [],
  };
}

/** The port on which such a pod answers. */
const SOLVER_PORT = 8089;

function tcp(...ports: pulumi.Input<number>[]) {
  return ports.map((port) => ({ port, protocol: "TCP" }));
}

function peersOf({ cidrs = [], namespace, podLabels }: ApiGatewayPeer): NetworkPeer[] {
  return [
    ...(namespace === undefined ? [] : [podPeer(namespace, podLabels)]),
    ...cidrs.map(addressPeer),
  ];
}

function consulEgress({ consul, consulServers }: ApiGatewayPlan): pulumi.Input<Egress>[] {
  if (consul === undefined) return [];
  return [
    pulumi.output(consul.address).apply((address) => {
      const to = consulServers === undefined ? consulPeers(address) : peersOf(consulServers);
      return { to, ports: tcp(consulPort(address)) };
    }),
  ];
}

/** The servers' pods where the address is that of a Service, `NAME.NAMESPACE.svc`; else anything there is. */
export function consulPeers(address: string): NetworkPeer[] {
  const { hostname } = new URL(address);
  const [, namespace] = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(hostname) ?? [];
  if (namespace === undefined) return ANYWHERE.map(addressPeer);
  return [
    podPeer(namespace, {
      "app.kubernetes.io/name": CONSUL_APP,
      "app.kubernetes.io/component": CONSUL_COMPONENTS.server,
    }),
  ];
}

function consulPort(address: string): number {
  const { port } = new URL(address);
  return port === "" ? 443 : Number(port);
}

function workerEgress({ workers }: ApiGatewayPlan): Egress[] {
  if (workers === undefined) return [];
  const { cidrs, namespace, ports } = workers;
  const pods = { "app.kubernetes.io/name": WORKER_APP };
  const peer = namespace === undefined ? { cidrs } : { cidrs, namespace, podLabels: pods };
  return [{ to: peersOf(peer), ports: tcp(...ports) }];
}

/** A store outside the cluster without addresses is somewhere, on its port. */
function storeEgress({ postgres, redis }: ApiGatewayPlan): Egress[] {
  return [postgres, redis].flatMap((store) => {
    if (store === undefined) return [];
    const { cidrs, namespace, podLabels, port } = store;
    return [{ to: known({ cidrs, namespace, podLabels }), ports: tcp(port) }];
  });
}

function queenEgress({ queen }: ApiGatewayPlan): Egress[] {
  if (queen === undefined) return [];
  const { namespace, podLabels, port, targetPort } = queen;
  return [{ to: known({ namespace, podLabels }), ports: tcp(targetPort ?? port) }];
}

function known(peer: ApiGatewayPeer): NetworkPeer[] {
  const peers = peersOf(peer);
  return peers.length > 0 ? peers : ANYWHERE.map(addressPeer);
}
