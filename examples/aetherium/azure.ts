import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as azure from "kvm-fabric/azure";
import * as fabric from "kvm-fabric/kubernetes";
import { aetherium } from "./fabric";

/** On AKS, with the database on Flexible Server and the queue of tasks on Azure Managed Redis. */
export function deploy() {
  const config = new pulumi.Config();
  const guard = { deletionProtection: config.getBoolean("deletionProtection") };
  const network = azure.azureNetworkRef(new azure.AzureNetwork("aetherium-network", {}));
  const cluster = new azure.AzureCluster("aetherium-cluster", {
    ...{ ...guard, network, kubernetesVersion: config.require("kubernetesVersion") },
    adminGroupObjectIds: [config.require("adminGroup")],
    servicesPool: {},
  });
  const pool = new azure.AzureKvmNodePool("aetherium-kvm", {
    cluster: azure.azureClusterRef(cluster),
    subnetId: network.nodeSubnetId,
    domain: "aetherium.io",
    vmSize: "Standard_D8ds_v5",
    zones: ["1", "2", "3"],
    maxNodes: 3,
  });
  const inside = new Provider("inside", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: "aetherium-cluster",
  });

  const options = { providers: [inside] };
  const subnets = config.requireObject<Record<string, string>>("storeSubnets");
  const stores = (consumer: fabric.DataStoreConsumer) => {
    const allowedCidrs = config.requireObject<string[]>("nodeCidrs");
    const store = { ...guard, network, consumers: [consumer], allowedCidrs };
    const flexible = {
      ...store,
      version: "17",
      database: "aetherium",
      subnetCidr: subnets.postgres,
    };
    const postgres = new azure.AzurePostgres("aetherium-postgres", flexible, options);
    const managed = { ...store, subnetCidr: subnets.redis };
    // Azure changes a network once at a time.
    const later = { ...options, dependsOn: postgres };
    const redis = new azure.AzureRedis("aetherium-redis", managed, later);
    return {
      postgres: fabric.dataStoreRef(postgres, consumer.name),
      redis: fabric.dataStoreRef(redis, consumer.name),
    };
  };
  return aetherium({ cluster: inside, machines: [pool], stores });
}
