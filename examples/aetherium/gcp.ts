import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";
import * as gcp from "kvm-fabric/gcp";
import { aetherium } from "./fabric";

/** On GKE, with the database on Cloud SQL and the queue of tasks on Memorystore. */
export function deploy() {
  const config = new pulumi.Config();
  const region = new pulumi.Config("gcp").require("region");
  const version = config.require("kubernetesVersion");
  const zones = config.requireObject<string[]>("zones");
  const guard = { deletionProtection: config.getBoolean("deletionProtection") };
  const podCidr = "10.4.0.0/14";
  const own = new gcp.GcpNetwork("aetherium-network", { region, podCidr });
  const network = gcp.gcpNetworkRef(own);
  const cluster = new gcp.GcpCluster("aetherium-cluster", {
    ...{ ...guard, network, kubernetesVersion: version, nodeZones: zones },
    privateAccessCidrs: [config.require("deployerCidr")],
    servicesPool: {},
  });
  const pool = new gcp.GcpKvmNodePool("aetherium-kvm", {
    cluster: gcp.gcpClusterRef(cluster),
    domain: "aetherium.io",
    version,
    zones,
    machineType: "n2-standard-8",
    threadsPerCore: 2,
    maxNodes: 3,
  });
  const inside = new Provider("inside", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: "aetherium-cluster",
  });

  const options = { providers: [inside] };
  const stores = (consumer: fabric.DataStoreConsumer) => {
    const store = { ...guard, network, consumers: [consumer], allowedCidrs: [podCidr] };
    const sql = { ...store, version: "17", database: "aetherium" };
    const postgres = new gcp.GcpPostgres("aetherium-postgres", sql, options);
    const redis = new gcp.GcpRedis("aetherium-redis", store, options);
    return {
      postgres: fabric.dataStoreRef(postgres, consumer.name),
      redis: fabric.dataStoreRef(redis, consumer.name),
    };
  };
  return aetherium({ cluster: inside, machines: [pool], stores });
}
