import { objectName } from "../shared/names";
import { addressPeer, dnsPeers, type NetworkPeer, podPeer } from "../shared/network-peers";
import type { DnsEnd, FabricFlow, FlowEnd, FlowPort, Zone } from "./flows";

/** One NetworkPolicy, to be created in the namespace of its zone. */
export interface PolicyPlan {
  zone: Zone;
  /** Last part of its logical name, and of its name in the cluster. */
  suffix: string;
  name: string;
  spec: PolicySpec;
}

interface PolicySpec {
  podSelector: LabelSelector;
  policyTypes: string[];
  ingress?: { from: NetworkPeer[]; ports: Port[] }[];
  egress?: { to: NetworkPeer[]; ports: Port[] }[];
}

interface LabelSelector {
  matchLabels?: Record<string, string>;
}

interface Port {
  port: number;
  protocol: string;
}

/** The pods that a policy is for. */
interface Subject {
  zone: Zone;
  app: string | undefined;
  component: string | undefined;
}

/**
 * Renders flows into policies: one that refuses all in each zone, and one for each kind of pods that
 * takes part in a flow. `namespaces` names the namespace of each zone.
 */
export function networkPolicies(
  instance: string,
  namespaces: Record<Zone, string>,
  flows: readonly FabricFlow[],
): PolicyPlan[] {
  const zones: Zone[] = ["agents", "services"];
  const denials = zones.map((zone) =>
    policy(instance, zone, "default-deny", {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    }),
  );
  const allowances = subjectsOf(flows).map((subject) => {
    const suffix = ["allow", subject.app ?? "all", subject.component].filter(Boolean).join("-");
    return policy(instance, subject.zone, suffix, subjectSpec(subject, flows, namespaces));
  });
  return [...denials, ...allowances];
}

function policy(instance: string, zone: Zone, suffix: string, spec: PolicySpec): PolicyPlan {
  return { zone, suffix: `${zone}-${suffix}`, name: objectName([instance, suffix]), spec };
}

function subjectsOf(flows: readonly FabricFlow[]): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const { from, to } of flows) {
    for (const end of [from, to]) {
      if ("dns" in end || end.zone === undefined) continue;
      const { zone, app, component } = end;
      subjects.set([zone, app, component].join("/"), { zone, app, component });
    }
  }
  return [...subjects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject);
}

function subjectSpec(
  subject: Subject,
  flows: readonly FabricFlow[],
  namespaces: Record<Zone, string>,
): PolicySpec {
  const outgoing = flows.filter(({ from }) => isSubject(from, subject));
  const incoming = flows.filter(({ to }) => isSubject(to, subject));
  return {
    podSelector: podSelector(subject),
    policyTypes: [
      ...(incoming.length > 0 ? ["Ingress"] : []),
      ...(outgoing.length > 0 ? ["Egress"] : []),
    ],
    ...(incoming.length > 0 && {
      ingress: incoming.map((flow) => ({
        from: peers(flow.from, namespaces),
        ports: flow.ports.map(port),
      })),
    }),
    ...(outgoing.length > 0 && {
      egress: outgoing.map((flow) => ({
        to: peers(flow.to, namespaces),
        ports: flow.ports.map(port),
      })),
    }),
  };
}

function isSubject(end: FlowEnd | DnsEnd, subject: Subject): boolean {
  return (
    !("dns" in end) &&
    end.zone === subject.zone &&
    end.app === subject.app &&
    end.component === subject.component
  );
}

function podSelector(end: Pick<FlowEnd, "app" | "component">): LabelSelector {
  const matchLabels = podLabels(end);
  return Object.keys(matchLabels).length === 0 ? {} : { matchLabels };
}

function podLabels({ app, component }: Pick<FlowEnd, "app" | "component">) {
  return {
    ...(app !== undefined && { "app.kubernetes.io/name": app }),
    ...(component !== undefined && { "app.kubernetes.io/component": component }),
  };
}

function peers(end: FlowEnd | DnsEnd, namespaces: Record<Zone, string>): NetworkPeer[] {
  if ("dns" in end) return dnsPeers();
  if (end.zone === undefined) return (end.cidrs ?? []).map(addressPeer);
  return [podPeer(namespaces[end.zone], podLabels(end))];
}

function port({ port: number, protocol = "TCP" }: FlowPort): Port {
  return { port: number, protocol };
}
