import type * as pulumi from "@pulumi/pulumi";
import { Consul } from "../components/consul/consul";
import { consulRef } from "../components/consul/consul-ref";
import { Namespaces } from "../components/namespaces/namespaces";
import { NodeProvisioner } from "../components/node-provisioner/node-provisioner";
import { WorkerDaemonSet } from "../components/worker/worker-daemon-set";
import {
  consulArgs,
  namespacesArgs,
  names,
  provisionerArgs,
  usesConsul,
  workerArgs,
} from "./arguments";
import type { FabricConfig } from "./schema";

/** What a stack answers with. */
export interface Fabric {
  /** Namespaces of the node agents and of everything else. */
  namespaces: { agents: pulumi.Output<string>; services: pulumi.Output<string> };
  /** Id of the asset set on proven nodes. */
  assetSet: pulumi.Output<string>;
  /** URL of Consul's HTTP API. */
  consulAddress: pulumi.Output<string>;
  /** Names of the workers' DaemonSets, by group. */
  workers: Record<string, pulumi.Output<string>>;
}

/**
 * The fabric inside a cluster, the same on every target: read top to bottom, it is the architecture. It comes after
 * `machines`, which run its pods, and goes before them.
 */
export function composeFabric(
  config: FabricConfig,
  cluster: pulumi.ProviderResource,
  machines: pulumi.Resource[] = [],
): Fabric {
  const inCluster = { providers: [cluster], dependsOn: machines };

  const { agents, services } = new Namespaces(names.namespaces, namespacesArgs(config), inCluster);
  const consul = new Consul(names.consul, consulArgs(config, services, agents), inCluster);
  const { assetSet } = new NodeProvisioner(
    names.provisioner,
    provisionerArgs(config, agents),
    inCluster,
  );
  const workers = Object.entries(config.workers).map(([group, worker]) => {
    const args = workerArgs(config, [group, worker], {
      assetSet,
      namespace: agents,
      consul: usesConsul(worker) ? consulRef(consul, group) : undefined,
    });
    const { daemonSetName } = new WorkerDaemonSet(names.worker(group), args, inCluster);
    return [group, daemonSetName] as const;
  });

  return {
    namespaces: { agents, services },
    assetSet,
    consulAddress: consul.address,
    workers: Object.fromEntries(workers),
  };
}
