import * as pulumi from "@pulumi/pulumi";
import { Consul } from "../components/consul/consul";
import { consulRef } from "../components/consul/consul-ref";
import { Namespaces } from "../components/namespaces/namespaces";
import { NodeProvisioner } from "../components/node-provisioner/node-provisioner";
import { queenRef } from "../components/queen/queen-ref";
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
import { usesQueen } from "./service-arguments";
import { type CloudServices, composeQueen, composeServices } from "./services";

/** What a stack answers with. */
export interface Fabric {
  /** Namespaces of the node agents and of everything else. */
  namespaces: { agents: pulumi.Output<string>; services: pulumi.Output<string> };
  /** Id of the asset set on proven nodes. */
  assetSet: pulumi.Output<string>;
  /** URL of Consul's HTTP API. */
  consulAddress: pulumi.Output<string>;
  /** URLs under which the gateway is reached; empty without one. */
  gatewayUrls: pulumi.Output<string[]>;
  /** The host under which Queen is reached in the cluster; empty without her. */
  queenHost: pulumi.Output<string>;
  /** Names of the workers' DaemonSets, by group. */
  workers: Record<string, pulumi.Output<string>>;
}

/**
 * The fabric inside a cluster, the same on every target: read top to bottom, it is the architecture. It comes after
 * `machines`, which run its pods, and goes before them. `inCloud` makes what the target's cloud runs for it.
 */
export function composeFabric(
  config: FabricConfig,
  cluster: pulumi.ProviderResource,
  machines: pulumi.Resource[] = [],
  inCloud?: CloudServices,
): Fabric {
  const inCluster = { providers: [cluster], dependsOn: machines };

  const { agents, services } = new Namespaces(names.namespaces, namespacesArgs(config), inCluster);
  const consul = new Consul(names.consul, consulArgs(config, services, agents), inCluster);
  const { assetSet } = new NodeProvisioner(
    names.provisioner,
    provisionerArgs(config, agents),
    inCluster,
  );
  const places = { agents, services };
  const queen = composeQueen(config, assetSet, places, inCluster);
  const workers = Object.entries(config.workers).map(([group, worker]) => {
    const args = workerArgs(config, [group, worker], {
      assetSet,
      namespace: agents,
      consul: usesConsul(worker) ? consulRef(consul, group) : undefined,
      queen: queen && usesQueen(config, worker) ? queenRef(queen, group) : undefined,
    });
    const { daemonSetName } = new WorkerDaemonSet(names.worker(group), args, inCluster);
    return [group, daemonSetName] as const;
  });
  const gateway = composeServices(config, { consul, inCloud, inCluster, places, queen });

  return {
    namespaces: places,
    assetSet,
    consulAddress: consul.address,
    gatewayUrls: gateway?.urls ?? pulumi.output([]),
    queenHost: queen?.host ?? pulumi.output(""),
    workers: Object.fromEntries(workers),
  };
}
