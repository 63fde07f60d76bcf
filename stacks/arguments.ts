import type { Input } from "@pulumi/pulumi";
import type { ConsulArgs } from "../components/consul/args";
import type { ConsulRef } from "../components/consul/consul-ref";
import { ConsulRole } from "../components/consul/args";
import type { NodeProvisionerArgs } from "../components/node-provisioner/node-provisioner";
import { nodeContract } from "../components/shared/node-contract";
import type { WorkerDaemonSetArgs } from "../components/worker/args";
import { Vmm } from "../components/worker/vmm";
import { profiles } from "./environments";
import type { FabricConfig, WorkerConfig } from "./schema";

/** The logical names of the fabric's parts: promises, since objects are named after them. */
export const names = Object.freeze({
  namespaces: "fabric",
  consul: "consul",
  provisioner: "provisioner",
});

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
  const consumers = consulGroups(config).map(([name, worker]) => ({
    name,
    namespace: workersNamespace,
    role: ConsulRole.Worker,
    servicePrefix: worker.registration?.serviceName ?? name,
    token: config.consulTokens[name],
  }));
  // What shapes servers says nothing about somebody else's.
  const servers = { servers: profile.consulServers, storageGib: profile.consulStorageGib };
  return {
    ...(config.consul.external === undefined && servers),
    deletionProtection: profile.deletionProtection,
    ...config.consul,
    consumers,
    namespace,
  };
}

/** What a group of workers takes from the other parts. */
export interface WorkerSurroundings {
  assetSet: Input<string>;
  namespace: Input<string>;
  /** Undefined for a group that does not register: see {@link usesConsul}. */
  consul: ConsulRef | undefined;
}

/** The arguments of one group of workers. */
export function workerArgs(
  config: FabricConfig,
  worker: WorkerConfig,
  surroundings: WorkerSurroundings,
): WorkerDaemonSetArgs {
  const { pool, ...settings } = worker;
  const poolLabel = nodeContract(config.domain).poolLabel;
  return {
    ...settings,
    ...surroundings,
    domain: config.domain,
    assetsRoot: config.provisioner.assetsRoot,
    nodeSelector: { ...settings.nodeSelector, ...(pool !== undefined && { [poolLabel]: pool }) },
  };
}
