import type * as pulumi from "@pulumi/pulumi";
import { ApiGateway } from "../components/api-gateway/api-gateway";
import type { Consul } from "../components/consul/consul";
import { consulRef } from "../components/consul/consul-ref";
import type { DataStoreConsumer } from "../components/data-store/consumers";
import { type DataStoreOutputs, dataStoreRef } from "../components/data-store/data-store-ref";
import { Postgres } from "../components/postgres/postgres";
import { Queen } from "../components/queen/queen";
import { queenRef } from "../components/queen/queen-ref";
import { Redis } from "../components/redis/redis";
import type { QueenUploads } from "../components/trace-uploader/args";
import { TraceUploader } from "../components/trace-uploader/kubernetes/trace-uploader";
import { queenUploads } from "../components/trace-uploader/queen-uploads";
import { names } from "./arguments";
import { isManaged } from "./managed-services";
import type { FabricConfig } from "./schema";
import {
  consumers,
  gatewayArgs,
  type Places,
  postgresArgs,
  queenArgs,
  redisArgs,
  storeConsumers,
  uploaderArgs,
} from "./service-arguments";

/** Queen, where the stack has one: workers, gateway and uploader need her first. */
export function composeQueen(
  config: FabricConfig,
  assetSet: pulumi.Output<string>,
  places: Places,
  inCluster: pulumi.ComponentResourceOptions,
): Queen | undefined {
  if (config.queen === undefined) return undefined;
  return new Queen(names.queen, queenArgs(config, config.queen, assetSet, places), inCluster);
}

/** The stores of the gateway, as many of them as somebody runs. */
interface Stores {
  postgres: DataStoreOutputs | undefined;
  redis: DataStoreOutputs | undefined;
}

/** The services that the stack's cloud runs in place of the cluster, the stores under the names that they would have there. */
export interface CloudServices {
  /** Makes the stores that the stack has in the cloud, with a Secret for each consumer. */
  stores: (consumers: DataStoreConsumer[]) => Stores;
  /** Makes the uploader. */
  uploader: (queen: QueenUploads) => void;
}

/** What services are made of and beside. */
interface Surroundings {
  consul: Consul;
  inCluster: pulumi.ComponentResourceOptions;
  /** Undefined where a stack's cluster is in no cloud of ours. */
  inCloud: CloudServices | undefined;
  places: Places;
  queen: Queen | undefined;
}

/** The services around the workers, as many of them as the stack has; answers with the gateway, where it has one. */
export function composeServices(
  config: FabricConfig,
  around: Surroundings,
): ApiGateway | undefined {
  const { consul, inCluster, places, queen } = around;
  const { postgres, redis } = composeStores(config, around);
  composeUploader(config, around);
  if (config.gateway === undefined) return undefined;
  const surroundings = {
    consul: consulRef(consul, consumers.gateway),
    postgres: postgres && dataStoreRef(postgres, consumers.gateway),
    queen: queen && queenRef(queen, consumers.gateway),
    redis: redis && dataStoreRef(redis, consumers.gateway),
  };
  const args = gatewayArgs(config, config.gateway, surroundings, places);
  return new ApiGateway(names.gateway, args, inCluster);
}

/** Each store in the cluster, or where the cloud runs it. */
function composeStores(
  config: FabricConfig,
  { inCloud, inCluster, places: { services } }: Surroundings,
): Stores {
  const { postgres, redis } = config;
  const managed = inCloud?.stores(storeConsumers(config, services));
  return {
    postgres: postgres
      ? new Postgres(names.postgres, postgresArgs(config, postgres, services), inCluster)
      : managed?.postgres,
    redis: redis
      ? new Redis(names.redis, redisArgs(config, redis, services), inCluster)
      : managed?.redis,
  };
}

function composeUploader(
  config: FabricConfig,
  { inCloud, inCluster, places: { services }, queen }: Surroundings,
): void {
  if (queen === undefined) return;
  if (isManaged(config, "traceUploader")) {
    inCloud?.uploader(queenUploads(queen, consumers.uploader));
  } else if (config.traceUploader !== undefined) {
    const args = uploaderArgs(config.traceUploader, queenRef(queen, consumers.uploader), services);
    new TraceUploader(names.uploader, args, inCluster);
  }
}
