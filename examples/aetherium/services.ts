import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";

/** Where the gateway keeps its state. */
export interface GatewayStores {
  postgres: fabric.DataStoreRef;
  redis: fabric.DataStoreRef;
}
/** Makes the stores for one consumer, who gets a Secret for each. */
export type Stores = (consumer: fabric.DataStoreConsumer) => GatewayStores;

/** What the services take from the rest. */
export interface Surroundings {
  agents: pulumi.Output<string>;
  consul: fabric.Consul;
  inCluster: pulumi.ComponentResourceOptions;
  services: pulumi.Output<string>;
  storageClass: pulumi.Input<string> | undefined;
  stores: Stores | undefined;
  workers: pulumi.Output<string>;
}

/** The gateway, its database and its queue of tasks. */
export function serve(part: Surroundings): fabric.ApiGateway {
  const config = new pulumi.Config();
  const name = "aetherium-api-gateway";
  const podLabels = fabric.apiGatewayPodLabels(name);
  const consumer = { name: "gateway", namespace: part.services, podLabels };
  const gateway = {
    namespace: part.services,
    image: config.require("gatewayImage"),
    replicas: config.requireNumber("gatewayReplicas"),
    consul: fabric.consulRef(part.consul, name),
    workers: { serviceName: part.workers, namespace: part.agents },
    ...(part.stores ?? ((one) => inCluster(part, one)))(consumer),
    ...config.getObject<Partial<fabric.ApiGatewayArgs>>("edge"),
  };
  return new fabric.ApiGateway(name, gateway, part.inCluster);
}

/** Stores of our own in the cluster, or a database that somebody else runs. */
function inCluster(part: Surroundings, consumer: fabric.DataStoreConsumer): GatewayStores {
  const config = new pulumi.Config();
  const deletionProtection = config.getBoolean("deletionProtection");
  const { services: namespace, storageClass } = part;
  const kept = { namespace, consumers: [consumer], deletionProtection, storageClass };
  const external = config.getObject<fabric.ExternalPostgres>("externalPostgres");
  const instances = config.getNumber("postgresInstances");
  const database = external
    ? { namespace, consumers: [consumer], external }
    : { ...kept, image: config.get("postgresImage"), instances, database: "aetherium" };
  const postgres = new fabric.Postgres("aetherium-postgres", database, part.inCluster);
  const queue = { ...kept, image: config.require("redisImage") };
  const redis = new fabric.Redis("aetherium-redis", queue, part.inCluster);
  return {
    postgres: fabric.dataStoreRef(postgres, consumer.name),
    redis: fabric.dataStoreRef(redis, consumer.name),
  };
}
