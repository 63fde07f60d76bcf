import { CONSUL_APP, CONSUL_COMPONENTS, CONSUL_PORTS } from "../consul/ports";
import { ANYWHERE } from "../shared/network-peers";
import { WORKER_APP, WORKER_HEALTH_PORT } from "../worker/ports";

/** The two namespaces of a fabric. */
export const Zone = {
  /** Pods that reach into their node: the node provisioner and the workers. Pod Security: privileged. */
  Agents: "agents",
  /** All other pods. Pod Security: restricted. */
  Services: "services",
} as const;
export type Zone = (typeof Zone)[keyof typeof Zone];

/** The transport protocols that a network policy knows. */
export const Protocol = {
  /** A stream, as of HTTP. */
  Tcp: "TCP",
  /** Datagrams, as of DNS and gossip. */
  Udp: "UDP",
  /** Associations, as of telephony. */
  Sctp: "SCTP",
} as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** One end of a flow: pods of a zone, or addresses. */
export interface FlowEnd {
  /** `app.kubernetes.io/name` of the pods. Defaults to all pods of the zone. */
  app?: string;
  /** Addresses outside the fabric's namespaces, as in "10.0.0.0/8". Defaults to none; not with a zone. */
  cidrs?: string[];
  /** `app.kubernetes.io/component` of the pods. Defaults to all components of the app. */
  component?: string;
  /** Namespace of the pods. Defaults to none; required without `cidrs`. */
  zone?: Zone;
}

/** One port of a flow. */
export interface FlowPort {
  /** Number of the port, 1 to 65535. */
  port: number;
  /** Transport protocol. Defaults to `Protocol.Tcp`. */
  protocol?: Protocol;
}

/** One connection that is let through: whatever is in no flow is refused. */
export interface NetworkFlow {
  /** Who opens the connection. */
  from: FlowEnd;
  /** Ports that it is opened to. */
  ports: FlowPort[];
  /** Who is called. */
  to: FlowEnd;
}

/** A peer of a policy that is not a flow's end: cluster DNS, wherever it runs. */
export interface DnsEnd {
  dns: true;
}

/** A flow of the fabric's own table. */
export interface FabricFlow {
  from: FlowEnd;
  ports: FlowPort[];
  to: FlowEnd | DnsEnd;
}

/** What the table needs to know of the cluster. */
interface FlowSettings {
  apiServerCidrs: readonly string[];
  apiServerPorts: readonly number[];
  /** Addresses of the nodes, for workers that live in their node's network; may be empty. */
  nodeCidrs: readonly string[];
}

const tcp = (...ports: number[]): FlowPort[] => ports.map((port) => ({ port }));

/**
 * The flows that exist between the fabric's own components. A component that makes another connection
 * adds its line here; its ports come from the component's `ports.ts`.
 */
export function fabricFlows(settings: FlowSettings): FabricFlow[] {
  const provisioner: FlowEnd = { zone: Zone.Agents, app: "node-provisioner" };
  const worker: FlowEnd = { zone: Zone.Agents, app: WORKER_APP };
  const consul = (component: string): FlowEnd => ({
    zone: Zone.Services,
    app: CONSUL_APP,
    component,
  });
  const server = consul(CONSUL_COMPONENTS.server);
  const api = tcp(CONSUL_PORTS.https);
  const dns = [...tcp(53), { port: 53, protocol: Protocol.Udp }];
  const gossip = [
    ...tcp(CONSUL_PORTS.rpc, CONSUL_PORTS.serfLan),
    { port: CONSUL_PORTS.serfLan, protocol: Protocol.Udp },
  ];
  return [
    { from: { zone: Zone.Agents }, to: { dns: true }, ports: dns },
    { from: { zone: Zone.Services }, to: { dns: true }, ports: dns },
    {
      // Reports proven nodes. The API server is no pod, so addresses and ports are all there is to say.
      from: provisioner,
      to: { cidrs: [...settings.apiServerCidrs] },
      ports: tcp(...settings.apiServerPorts),
    },
    // Downloads the asset set, which the install script does over https alone.
    { from: provisioner, to: { cidrs: [...ANYWHERE] }, ports: tcp(443) },
    // Workers register themselves; servers ask them for their health.
    { from: worker, to: server, ports: api },
    { from: server, to: worker, ports: tcp(WORKER_HEALTH_PORT) },
    { from: server, to: server, ports: gossip },
    { from: consul(CONSUL_COMPONENTS.acl), to: server, ports: api },
    { from: consul(CONSUL_COMPONENTS.snapshot), to: server, ports: api },
    ...nodeFlows(settings, server),
  ];
}

/** Workers in their node's network have their node's address: no policy can tell them from the node. */
function nodeFlows({ nodeCidrs }: FlowSettings, server: FlowEnd): FabricFlow[] {
  if (nodeCidrs.length === 0) return [];
  const nodes = { cidrs: [...nodeCidrs] };
  return [
    { from: nodes, to: server, ports: tcp(CONSUL_PORTS.https) },
    { from: server, to: nodes, ports: tcp(WORKER_HEALTH_PORT) },
  ];
}
