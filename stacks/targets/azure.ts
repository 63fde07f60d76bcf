import * as azure from "@pulumi/azure-native/provider";
import * as k8s from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { AzureCluster } from "../../components/cluster/azure/azure-cluster";
import { azureClusterRef, azureNetworkRef } from "../../components/cluster/azure/refs";
import { AzureKvmNodePool } from "../../components/kvm-node-pool/azure";
import { AzureNetwork } from "../../components/network/azure";
import {
  azureClusterArgs,
  type AzureFabricConfig,
  azureNetworkArgs,
  azurePoolArgs,
  isForAzure,
} from "../azure-arguments";
import { cloudNames } from "../cloud-names";
import { composeFabric, type Fabric } from "../fabric";
import { chosenNetwork } from "../network-choice";
import type { FabricConfig } from "../schema";
import { azureServices } from "./azure-services";
import { inLanes } from "./pools";

/** AKS works on one pool of a cluster at a time. */
const POOLS_AT_A_TIME = 1;

/** The fabric on AKS: network, cluster, pools of KVM machines, and the fabric on top. */
export function deploy(config: FabricConfig): Fabric {
  if (!isForAzure(config)) throw new pulumi.RunError("azure: missing");
  const names = cloudNames(config);
  const { location, pools = {}, subscriptionId } = config.azure;
  const cloud = new azure.Provider("azure", { location, subscriptionId });
  const inCloud = { providers: [cloud] };

  const network = chosenNetwork(config.azure, (own) =>
    azureNetworkRef(new AzureNetwork(names.network, azureNetworkArgs(config, own), inCloud)),
  );
  const cluster = new AzureCluster(names.cluster, azureClusterArgs(config, network), inCloud);
  const inside = insideOf(config, cluster);
  const joinable = azureClusterRef(cluster);
  const machines = inLanes(pools, POOLS_AT_A_TIME, (name, pool, dependsOn: AzureKvmNodePool[]) => {
    const args = azurePoolArgs(config, pool, joinable, network.nodeSubnetId);
    return new AzureKvmNodePool(names.pool(name), args, { ...inCloud, dependsOn });
  });
  const services = azureServices(config, { cloud, inside, network });
  return composeFabric(config, inside, machines, services);
}

/** The identifier keeps a new endpoint or another way of logging in from looking like another cluster. */
function insideOf(config: AzureFabricConfig, { kubeconfig }: AzureCluster): k8s.Provider {
  const { location, subscriptionId } = config.azure;
  const place = subscriptionId === undefined ? location : `${subscriptionId}/${location}`;
  return new k8s.Provider("cluster", {
    kubeconfig,
    clusterIdentifier: `${place}/${cloudNames(config).cluster}`,
    deleteUnreachable: false,
  });
}
