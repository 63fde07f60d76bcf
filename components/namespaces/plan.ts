import { addressBlockFaults } from "../shared/address-blocks";
import { planned, under, type Fault, type Planned } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { nameFaults, objectName } from "../shared/names";
import { ANYWHERE } from "../shared/network-peers";
import {
  fabricFlows,
  Protocol,
  Zone,
  type FlowEnd,
  type FlowPort,
  type NetworkFlow,
} from "./flows";
import type { NamespacesArgs } from "./namespaces";
import { networkPolicies, type PolicyPlan } from "./policies";

/** How pods reach the API server, which is no pod itself. */
export interface ApiServerAccess {
  /** Its addresses, as in "10.0.0.1/32". Defaults to every address but the cloud's metadata service. */
  cidrs?: string[];
  /** Its ports, before and after the translation of the Service address. Defaults to 443 and 6443. */
  ports?: number[];
}

/** The arguments with every default filled in. */
export interface NamespacesPlan {
  instance: string;
  agents: NamespacePlan;
  services: NamespacePlan;
  policies: PolicyPlan[];
  quotaName: string;
}

/** One namespace. */
export interface NamespacePlan {
  zone: Zone;
  name: string;
  /** Labels that make the API server hold every pod to a Pod Security level. */
  podSecurity: Record<string, string>;
}

const defaults = Object.freeze({
  apiServerPorts: Object.freeze([443, 6443]),
  podSecurityVersion: "v1.32",
});

/** Checks the arguments and fills in the defaults: a plan, or every fault. */
export function planNamespaces(name: string, args: NamespacesArgs): Planned<NamespacesPlan> {
  const agents = args.agents ?? objectName([name, "agents"]);
  const services = args.services ?? objectName([name, "services"]);
  const version = args.podSecurityVersion ?? defaults.podSecurityVersion;
  const settings = {
    apiServerCidrs: args.apiServer?.cidrs ?? ANYWHERE,
    apiServerPorts: args.apiServer?.ports ?? defaults.apiServerPorts,
    nodeCidrs: args.nodeCidrs ?? [],
  };
  const faults = [
    ...nameFaults("name", name),
    ...namespaceFaults(args, agents, services),
    ...versionFaults("podSecurityVersion", version),
    ...addressBlockFaults("apiServer.cidrs", settings.apiServerCidrs),
    ...settings.apiServerPorts.flatMap((port, index) =>
      portFaults(`apiServer.ports[${String(index)}]`, { port }),
    ),
    ...addressBlockFaults("nodeCidrs", settings.nodeCidrs),
    ...(args.flows ?? []).flatMap((flow, index) => flowFaults(`flows[${String(index)}]`, flow)),
  ];
  return planned(faults, () => ({
    instance: name,
    agents: {
      zone: Zone.Agents,
      name: agents,
      podSecurity: podSecurity("privileged", version),
    },
    services: {
      zone: Zone.Services,
      name: services,
      podSecurity: podSecurity("restricted", version),
    },
    policies: networkPolicies(name, { agents, services }, [
      ...fabricFlows(settings),
      ...(args.flows ?? []),
    ]),
    quotaName: objectName([name, "critical-pods"]),
  }));
}

/**
 * A version is pinned, so that a newer Kubernetes does not refuse tomorrow what it admits today.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
function podSecurity(level: string, version: string): Record<string, string> {
  return Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}

function namespaceFaults(args: NamespacesArgs, agents: string, services: string): Fault[] {
  const faults = [
    ...(args.agents === undefined ? [] : nameFaults("agents", agents)),
    ...(args.services === undefined ? [] : nameFaults("services", services)),
  ];
  for (const [path, name] of [
    ["agents", agents],
    ["services", services],
  ] as const) {
    if (name === "default" || name.startsWith("kube-")) {
      faults.push({
        path,
        problem: "a namespace of Kubernetes itself",
        got: name,
        allowed: "a namespace of the fabric's own",
      });
    }
  }
  if (agents === services) {
    faults.push({
      path: "services",
      problem: "the namespace of the node agents, which admits privileged pods",
      got: services,
      allowed: "another namespace than agents",
    });
  }
  return faults;
}

function versionFaults(path: string, version: string): Fault[] {
  if (/^(latest|v1\.[1-9][0-9])$/.test(version)) return [];
  return [
    {
      path,
      problem: "not a version of the Pod Security Standards",
      got: version,
      allowed: '"v1.<minor>" or "latest"',
      fix: `"${defaults.podSecurityVersion}"`,
    },
  ];
}

function flowFaults(path: string, flow: NetworkFlow): Fault[] {
  const faults = [
    ...under(path, endFaults("from", flow.from)),
    ...under(path, endFaults("to", flow.to)),
    ...flow.ports.flatMap((port, index) => portFaults(`${path}.ports[${String(index)}]`, port)),
  ];
  if (flow.ports.length === 0) {
    faults.push({ path: `${path}.ports`, problem: "no port", allowed: "at least one port" });
  }
  if (flow.from.zone === undefined && flow.to.zone === undefined) {
    faults.push({
      path,
      problem: "a flow between addresses, which no policy here can let through",
      allowed: "a zone at one end or both",
    });
  }
  return faults;
}

function endFaults(path: string, end: FlowEnd): Fault[] {
  const faults: Fault[] = [];
  if ((end.zone === undefined) === (end.cidrs === undefined)) {
    faults.push({ path, problem: "not one kind of end", allowed: "either zone or cidrs" });
  }
  faults.push(...memberFaults(`${path}.zone`, end.zone, Object.values(Zone)));
  for (const label of ["app", "component"] as const) {
    const value = end[label];
    if (value === undefined) continue;
    if (!/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(value) || end.zone === undefined) {
      faults.push({
        path: `${path}.${label}`,
        problem: end.zone === undefined ? "a label without a zone" : "not the value of a label",
        got: value,
        allowed: "letters, digits and ._- inside, at most 63, beside a zone",
      });
    }
  }
  if (end.component !== undefined && end.app === undefined) {
    faults.push({ path: `${path}.app`, problem: "missing beside a component" });
  }
  return [...faults, ...addressBlockFaults(`${path}.cidrs`, end.cidrs ?? [])];
}

function portFaults(path: string, { port, protocol }: FlowPort): Fault[] {
  const faults: Fault[] = [];
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    faults.push({ path, problem: "not a port", got: port, allowed: "1 to 65535" });
  }
  faults.push(...memberFaults(`${path}.protocol`, protocol, Object.values(Protocol)));
  return faults;
}
