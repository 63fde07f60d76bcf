import { CONSUL_APP } from "../components/consul/ports";
import type { Fault } from "../components/shared/faults";
import { LONGEST_NAME, nameFaults } from "../components/shared/names";
import { nodeContract } from "../components/shared/node-contract";
import { Isolation } from "../components/worker/vmm";
import { consulGroups, names, serviceNameOf } from "./arguments";
import type { FabricConfig, WorkerConfig } from "./schema";

type Group = [name: string, worker: WorkerConfig];

/** What is wrong with the groups of workers beside each other and beside the fabric's other parts. */
export function groupFaults(root: string, config: FabricConfig): Fault[] {
  const path = (name: string) => `${root}.workers.${name}`;
  return [
    ...Object.keys(config.workers).flatMap((name) => groupNameFaults(path(name), name)),
    ...consulGroups(config).flatMap((group, index, all) => [
      ...reservedServiceFaults(path(group[0]), group),
      ...sharedServiceFaults(path(group[0]), config, group, all.slice(0, index)),
      ...hostNetworkFaults(path(group[0]), root, config, group[1]),
    ]),
  ];
}

/** Groups whose objects would be called as those of the fabric's other parts. */
const reserved = [
  ...["consul", "gateway", "postgres", "provisioner", "queen", "redis", "uploader"],
];

/** Checks the name of a group: its objects' names are made of it. */
export function groupNameFaults(path: string, name: string): Fault[] {
  if (reserved.includes(name)) {
    const allowed = `any name but ${reserved.join(", ")}`;
    const problem = "a name of the fabric's own parts";
    return [{ path, problem, got: name, allowed, fix: `"${name}-worker"` }];
  }
  const longest = LONGEST_NAME - names.worker("").length;
  if (nameFaults(path, name).length === 0 && name.length <= longest) return [];
  return [
    {
      path,
      problem: "cannot be part of the name of a Kubernetes object",
      got: name,
      allowed: `a-z, 0-9 and -, first a letter, last not a dash, at most ${String(longest)} characters`,
      fix: "another name for the group",
    },
  ];
}

/** Consul keeps its own servers in the catalogue as well. */
function reservedServiceFaults(path: string, [name, worker]: Group): Fault[] {
  const got = serviceNameOf(name, worker);
  if (got !== CONSUL_APP || reserved.includes(name)) return [];
  const problem = "the service of Consul's own servers";
  const allowed = `any name but ${CONSUL_APP}`;
  return [{ path: `${path}.registration.serviceName`, problem, got, allowed, fix: `"${name}"` }];
}

/** An entry's id is made of service and node: two on one node would take turns in overwriting each other. */
function sharedServiceFaults(
  path: string,
  config: FabricConfig,
  group: Group,
  before: Group[],
): Fault[] {
  const got = serviceNameOf(...group);
  const other = before.find(
    (one) => serviceNameOf(...one) === got && mayShareNode(config, one[1], group[1]),
  );
  if (other === undefined) return [];
  return [
    {
      path: `${path}.registration.serviceName`,
      problem: `the service of group ${other[0]}, which may run on the same nodes`,
      got,
      allowed: "a name of its own, or nodes of its own",
      fix: "another serviceName, or a pool for each of the two groups",
    },
  ];
}

/** No node has two values of one label. */
function mayShareNode({ domain }: FabricConfig, one: WorkerConfig, other: WorkerConfig): boolean {
  const { poolLabel } = nodeContract(domain);
  const labels = ({ nodeSelector, pool }: WorkerConfig): Record<string, string> => ({
    ...nodeSelector,
    ...(pool !== undefined && { [poolLabel]: pool }),
  });
  const others = new Map(Object.entries(labels(other)));
  return Object.entries(labels(one)).every(([key, value]) => (others.get(key) ?? value) === value);
}

/** Such workers have their node's address, which the policies of our own Consul must let through. */
function hostNetworkFaults(
  path: string,
  root: string,
  { consul, namespaces }: FabricConfig,
  { isolation }: WorkerConfig,
): Fault[] {
  if (isolation !== Isolation.PrivilegedHostNetwork || consul.external !== undefined) return [];
  if ((namespaces?.nodeCidrs ?? []).length > 0) return [];
  return [
    {
      path: `${path}.isolation`,
      problem: "workers at their nodes' addresses, which no network policy lets through to Consul",
      got: isolation,
      allowed: `${Isolation.DevicePlugin}, ${Isolation.Jailer}, or this with ${root}.namespaces.nodeCidrs`,
      fix: `the nodes' addresses in ${root}.namespaces.nodeCidrs, as in ["10.0.0.0/16"]`,
    },
  ];
}
