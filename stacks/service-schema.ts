import { z } from "zod";
import type { ApiGatewayArgs } from "../components/api-gateway/args";
import type { PostgresArgs } from "../components/postgres/args";
import { type QueenArgs, QueenCloud, type QueenLoadBalancer } from "../components/queen/args";
import type { RedisArgs } from "../components/redis/args";
import type { TraceUploaderArgs } from "../components/trace-uploader/kubernetes/args";
import { argsShape, typeShape } from "./shapes";

/** Queen's load balancer: its cloud is the stack's, where that is on one. */
export type LoadBalancerSettings = Omit<QueenLoadBalancer, "cloud"> & { cloud?: QueenCloud };

type QueenSettings = Omit<
  QueenArgs,
  "assetSet" | "assetsRoot" | "consumers" | "domain" | "loadBalancer" | "namespace"
>;

/** The arguments of each service in the cluster that the stack's file gives; the others the composition gives. */
export interface ServiceSettings {
  gateway: Omit<ApiGatewayArgs, "namespace" | "consul" | "postgres" | "queen" | "redis">;
  postgres: Omit<PostgresArgs, "namespace" | "consumers">;
  queen: QueenSettings & { loadBalancer?: LoadBalancerSettings };
  redis: Omit<RedisArgs, "namespace" | "consumers">;
  traceUploader: Omit<TraceUploaderArgs, "namespace" | "queen" | "queenCidrs">;
}

/** The shapes of the services in a stack's file. An image is checked as everywhere else. */
export function serviceShapes(image: z.ZodType<string>) {
  const images = { image, proxyImage: image };
  const cloud = z.enum(QueenCloud).optional();
  const loadBalancer = typeShape<LoadBalancerSettings>("QueenLoadBalancer", [], { cloud });
  return {
    gateway: argsShape<ServiceSettings["gateway"]>(
      "ApiGateway",
      ["namespace", "consul", "postgres", "queen", "redis"],
      images,
    ).optional(),
    postgres: argsShape<ServiceSettings["postgres"]>(
      "Postgres",
      ["namespace", "consumers"],
      images,
    ).optional(),
    queen: argsShape<ServiceSettings["queen"]>(
      "Queen",
      ["assetSet", "assetsRoot", "consumers", "domain", "namespace"],
      { ...images, loadBalancer },
    ).optional(),
    redis: argsShape<ServiceSettings["redis"]>(
      "Redis",
      ["namespace", "consumers"],
      images,
    ).optional(),
    traceUploader: argsShape<ServiceSettings["traceUploader"]>(
      "TraceUploader",
      ["namespace", "queen", "queenCidrs"],
      images,
    ).optional(),
  };
}
