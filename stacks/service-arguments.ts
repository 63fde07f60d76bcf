import type { Input } from "@pulumi/pulumi";
import type { ApiGatewayArgs } from "../components/api-gateway/args";
import { apiGatewayPodLabels } from "../components/api-gateway/ports";
import type { ConsulRef } from "../components/consul/consul-ref";
import type { DataStoreConsumer } from "../components/data-store/consumers";
import type { DataStoreRef } from "../components/data-store/data-store-ref";
import type { PostgresArgs } from "../components/postgres/args";
import type { QueenArgs, QueenConsumer } from "../components/queen/args";
import type { QueenRef } from "../components/queen/queen-ref";
import { QueenRole } from "../components/queen/roles";
import type { RedisArgs } from "../components/redis/args";
import type { TraceUploaderArgs } from "../components/trace-uploader/kubernetes/args";
import { Isolation } from "../components/worker/vmm";
import { consulGroups, GATEWAY_CONSUMER, names, serviceNameOf, storageClassOf } from "./arguments";
import { deletionProtectionOf, profiles } from "./environments";
import { balancerOf, isManaged } from "./managed-services";
import type { FabricConfig, WorkerConfig } from "./schema";
import type { ServiceSettings } from "./service-schema";

/** The names under which the services know each other: consumers of Consul, Queen and the stores. */
export const consumers = Object.freeze({ gateway: GATEWAY_CONSUMER, uploader: "uploader" });

/** The namespaces of a fabric. */
export interface Places {
  agents: Input<string>;
  services: Input<string>;
}

/** Says whether a group of workers reaches Queen: in its node's network a proxy would listen for everybody there. */
export function usesQueen(config: FabricConfig, { isolation }: WorkerConfig): boolean {
  return config.queen !== undefined && isolation !== Isolation.PrivilegedHostNetwork;
}

/** The arguments of Queen: every group that reaches her, the gateway and the uploader have an identity each. */
export function queenArgs(
  config: FabricConfig,
  settings: ServiceSettings["queen"],
  assetSet: Input<string>,
  { agents, services }: Places,
): QueenArgs {
  const groups = Object.entries(config.workers).filter(([, worker]) => usesQueen(config, worker));
  const callers: QueenConsumer[] = [
    ...groups.map(([name]) => ({ name, namespace: agents, role: QueenRole.Worker })),
    ...(config.gateway === undefined
      ? []
      : [{ name: consumers.gateway, namespace: services, role: QueenRole.Gateway }]),
    ...(config.traceUploader === undefined
      ? []
      : [{ name: consumers.uploader, namespace: services, role: QueenRole.Uploader }]),
    // Outside the cluster it reads no Secret, and gets its key from Queen's outputs.
    ...(config.traceUploader === undefined && isManaged(config, "traceUploader")
      ? [{ name: consumers.uploader, role: QueenRole.Uploader }]
      : []),
  ];
  return {
    ...kept(config),
    ...settings,
    assetSet,
    assetsRoot: config.provisioner.assetsRoot,
    consumers: callers,
    domain: config.domain,
    loadBalancer: settings.loadBalancer && balancerOf(config, settings.loadBalancer),
    namespace: agents,
  };
}

/** The arguments of Postgres, which the gateway uses. */
export function postgresArgs(
  config: FabricConfig,
  settings: ServiceSettings["postgres"],
  namespace: Input<string>,
): PostgresArgs {
  const own = { instances: profiles[config.environment].postgresInstances, ...kept(config) };
  return {
    ...(settings.external === undefined && own),
    ...settings,
    consumers: storeConsumers(config, namespace),
    namespace,
  };
}

/** The arguments of Redis, which the gateway uses. */
export function redisArgs(
  config: FabricConfig,
  settings: ServiceSettings["redis"],
  namespace: Input<string>,
): RedisArgs {
  return {
    ...(settings.external === undefined && kept(config)),
    ...settings,
    consumers: storeConsumers(config, namespace),
    namespace,
  };
}

/** What the gateway takes from the other parts. */
export interface GatewaySurroundings {
  consul: ConsulRef;
  postgres: DataStoreRef | undefined;
  queen: QueenRef | undefined;
  redis: DataStoreRef | undefined;
}

/** The arguments of the gateway: it finds the workers of the one group, or of the service that its settings name. */
export function gatewayArgs(
  config: FabricConfig,
  settings: ServiceSettings["gateway"],
  surroundings: GatewaySurroundings,
  { agents, services }: Places,
): ApiGatewayArgs {
  const [only] = consulGroups(config).map((group) => serviceNameOf(...group));
  const replicas = profiles[config.environment].gatewayReplicas;
  return {
    ...(settings.autoscaling === undefined && { replicas }),
    ...settings,
    ...surroundings,
    workers: { serviceName: only ?? "", namespace: agents, ...settings.workers },
    namespace: services,
  };
}

/** The arguments of the uploader. */
export function uploaderArgs(
  settings: ServiceSettings["traceUploader"],
  queen: QueenRef,
  namespace: Input<string>,
): TraceUploaderArgs {
  return { ...settings, namespace, queen };
}

/** Who uses the stores, whoever runs them: the gateway. */
export function storeConsumers(
  config: FabricConfig,
  namespace: Input<string>,
): DataStoreConsumer[] {
  if (config.gateway === undefined) return [];
  return [{ name: consumers.gateway, namespace, podLabels: apiGatewayPodLabels(names.gateway) }];
}

/** What all that keeps data in the cluster is told where the stack's file says nothing. */
function kept(config: FabricConfig) {
  return {
    deletionProtection: deletionProtectionOf(config),
    storageClass: storageClassOf(config),
  };
}
