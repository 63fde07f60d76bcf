import type { Input } from "@pulumi/pulumi";
import { apiGatewayFlows } from "../components/api-gateway/ports";
import { Distribution } from "../components/cluster/bare-metal/args";
import type { ConsulArgs } from "../components/consul/args";
import type { ConsulRef } from "../components/consul/consul-ref";
import { ConsulRole } from "../components/consul/args";
import { CONSUL_APP, CONSUL_COMPONENTS } from "../components/consul/ports";
import { Zone } from "../components/namespaces/flows";
import type { NamespacesArgs } from "../components/namespaces/namespaces";
import { COMPONENT as PROVISIONER_APP } from "../components/node-provisioner/manifests";
import type { NodeProvisionerArgs } from "../components/node-provisioner/node-provisioner";
import type { QueenRef } from "../components/queen/queen-ref";
import { nodeContract } from "../components/shared/node-contract";
import { ANYWHERE } from "../components/shared/network-peers";
import type { WorkerDaemonSetArgs } from "../components/worker/args";
import { WORKER_APP, WORKER_HEALTH_PORT } from "../components/worker/ports";
import { Vmm } from "../components/worker/vmm";
import { deletionProtectionOf, profiles } from "./environments";
import { type FabricConfig, Target, type WorkerConfig } from "./schema";
import { storageClasses } from "./storage-classes";

/**
 * The logical names of the fabric's parts: promises, since objects are named after them. Some of those
 * belong to the whole cluster, where a bare `worker` would sooner or later be somebody else's.
 */
export const names = Object.freeze({
  namespaces: "fabric",
  consul: "fabric-consul",
  provisioner: "fabric-provisioner",
  gateway: "fabric-gateway",
  postgres: "fabric-postgres",
  queen: "fabric-queen",
  redis: "fabric-redis",
  uploader: "fabric-uploader",
  worker: (group: string) => `fabric-${group}`,
});

/** The name under which Consul knows the gateway. */
export const GATEWAY_CONSUMER = "gateway";

/** Name of a group's service in Consul. Defaults to the group's own name. */
export function serviceNameOf(group: string, { registration }: WorkerConfig): string {
  return registration?.serviceName ?? group;
}

/**
 * The arguments of the namespaces: the flows of the components' own ports are theirs, those of ports and
 * addresses that the configuration chose are added here.
 */
export function namespacesArgs(config: FabricConfig): NamespacesArgs {
  const groups = consulGroups(config);
  const ports = new Set(groups.flatMap(([, { healthPort }]) => healthPort ?? []));
  ports.delete(WORKER_HEALTH_PORT);
  const server = { zone: Zone.Services, app: CONSUL_APP, component: CONSUL_COMPONENTS.server };
  const workers = { zone: Zone.Agents, app: WORKER_APP };
  const cidrs = config.namespaces?.nodeCidrs ?? [];
  const ends = cidrs.length > 0 ? [workers, { cidrs }] : [workers];
  const health = [...ports].flatMap((port) =>
    ends.map((to) => ({ from: server, to, ports: [{ port }] })),
  );
  const { external } = config.consul;
  const outside = external && groups.length > 0 ? [portOf(external.address)] : [];
  const toOutside = outside.map((port) => ({
    from: workers,
    to: { cidrs: [...ANYWHERE] },
    ports: [{ port }],
  }));
  const calls = config.gateway === undefined ? [] : apiGatewayFlows(config.gateway.workers?.ports);
  const flows = [...(external ? [] : health), ...toOutside, ...mirrorFlows(config), ...calls];
  return { ...config.namespaces, flows };
}

/** Mirrors at other ports than that of HTTPS, which the provisioner reaches anyway. */
function mirrorFlows({ provisioner: { assets, previousAssets = [] } }: FabricConfig) {
  const mirrors = [assets, ...previousAssets].flatMap((set) => set.mirrors ?? []);
  const addresses = mirrors.filter((mirror) => /^https?:/.test(mirror) && URL.canParse(mirror));
  const ports = new Set(addresses.map(portOf));
  ports.delete(443);
  return [...ports].map((port) => ({
    from: { zone: Zone.Agents, app: PROVISIONER_APP },
    to: { cidrs: [...ANYWHERE] },
    ports: [{ port }],
  }));
}

/** The port of an address; what is no address is the planner's to refuse. */
function portOf(address: string): number {
  const { port, protocol } = URL.canParse(address) ? new URL(address) : { port: "", protocol: "" };
  if (port !== "") return Number(port);
  return protocol === "http:" ? 80 : 443;
}

/** The arguments of the provisioner. Pure, as all of this file. */
export function provisionerArgs(
  config: FabricConfig,
  namespace: Input<string>,
): NodeProvisionerArgs {
  return { ...config.provisioner, namespace, domain: config.domain };
}

/**
 * Says whether a group of workers registers with Consul: QEMU's guests answer no health check by
 * themselves, so a group of those does only with a port that does. One that asks for an entry in the
 * catalogue counts as well, so that the planner says what it lacks.
 */
export function usesConsul({ vmm, healthPort, registration }: WorkerConfig): boolean {
  return vmm !== Vmm.Qemu || healthPort !== undefined || registration !== undefined;
}

/** The groups of workers that register with Consul, by name. */
export function consulGroups({ workers }: FabricConfig): [string, WorkerConfig][] {
  return Object.entries(workers).filter(([, worker]) => usesConsul(worker));
}

/** The arguments of Consul: every group that registers is a consumer with a token of its own. */
export function consulArgs(
  config: FabricConfig,
  namespace: Input<string>,
  workersNamespace: Input<string>,
): ConsulArgs {
  const profile = profiles[config.environment];
  const gateway = {
    name: GATEWAY_CONSUMER,
    namespace,
    role: ConsulRole.Gateway,
    token: config.consulTokens[GATEWAY_CONSUMER],
  };
  const workers = consulGroups(config).map(([name, worker]) => ({
    name,
    namespace: workersNamespace,
    role: ConsulRole.Worker,
    service: serviceNameOf(name, worker),
    token: config.consulTokens[name],
  }));
  // What shapes servers says nothing about somebody else's.
  const servers = {
    servers: profile.consulServers,
    storageClass: storageClassOf(config),
    storageGib: profile.consulStorageGib,
  };
  const consumers = [...workers, ...(config.gateway === undefined ? [] : [gateway])];
  return {
    ...(config.consul.external === undefined && servers),
    deletionProtection: deletionProtectionOf(config),
    ...config.consul,
    consumers,
    namespace,
  };
}

/** The class of the fabric's volumes; k3s brings one, of the machines' own disks, and no class is every cluster's default. */
export function storageClassOf({ bareMetal, target }: FabricConfig): string | undefined {
  const isK3s = bareMetal?.cluster.distribution !== Distribution.Kubeadm;
  return target === Target.BareMetal && isK3s ? "local-path" : storageClasses[target];
}

/** What a group of workers takes from the other parts. */
interface WorkerSurroundings {
  assetSet: Input<string>;
  namespace: Input<string>;
  /** Undefined for a group that does not register: see {@link usesConsul}. */
  consul: ConsulRef | undefined;
  /** Undefined for a group that does not reach Queen. */
  queen: QueenRef | undefined;
}

/** The arguments of one group of workers. */
export function workerArgs(
  config: FabricConfig,
  [group, worker]: [string, WorkerConfig],
  surroundings: WorkerSurroundings,
): WorkerDaemonSetArgs {
  const { pool, ...settings } = worker;
  const registration = { ...settings.registration, serviceName: serviceNameOf(group, worker) };
  const poolLabel = nodeContract(config.domain).poolLabel;
  return {
    ...settings,
    ...surroundings,
    ...(surroundings.consul !== undefined && { registration }),
    ...(surroundings.queen !== undefined && { queenProxyImage: config.queen?.proxyImage }),
    domain: config.domain,
    assetsRoot: config.provisioner.assetsRoot,
    nodeSelector: { ...settings.nodeSelector, ...(pool !== undefined && { [poolLabel]: pool }) },
  };
}
