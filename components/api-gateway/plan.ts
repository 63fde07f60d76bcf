import type { Input } from "@pulumi/pulumi";
import type { ConsulRef } from "../consul/consul-ref";
import type { DataStoreRef } from "../data-store/data-store-ref";
import type { QueenRef } from "../queen/queen-ref";
import { type Planned, planned } from "../shared/faults";
import type { Toleration } from "../shared/node-contract";
import { maxUnavailablePods } from "../shared/rollouts";
import type {
  ApiGatewayArgs,
  ApiGatewayEgress,
  ApiGatewayPeer,
  ApiGatewaySecretVariable,
} from "./args";
import { defaults } from "./defaults";
import { type ExposurePlan, planExposure } from "./exposure";
import { apiGatewayFaults } from "./faults";

/** A gateway, with every default filled in. */
export interface ApiGatewayPlan {
  name: string;
  /** Undefined: a fixed number of pods. */
  autoscaling: AutoscalingPlan | undefined;
  clients: ApiGatewayPeer[];
  /** Empty: the image's own. */
  command: string[];
  consul: ConsulRef | undefined;
  /** Undefined: as the address says. */
  consulServers: ApiGatewayPeer | undefined;
  egress: ApiGatewayEgress[];
  environment: Record<string, Input<string>>;
  environmentSecrets: ApiGatewaySecretVariable[];
  exposure: ExposurePlan | undefined;
  image: string;
  maxUnavailable: number | string;
  metrics: MetricsPlan | undefined;
  namespace: Input<string>;
  nodeSelector: Record<string, string>;
  port: number;
  postgres: DataStoreRef | undefined;
  preStopSeconds: number;
  priorityClassName: Input<string> | undefined;
  probes: { livenessPath: string; readinessPath: string; startupSeconds: number };
  queen: QueenRef | undefined;
  redis: DataStoreRef | undefined;
  /** Undefined: the autoscaler says it. */
  replicas: number | undefined;
  resources: { cpu: string; memory: string };
  strictSpread: boolean;
  terminationGracePeriodSeconds: number;
  tolerations: Toleration[];
  userId: number;
  workers: WorkersPlan | undefined;
}

/** What the autoscaler is told. */
export interface AutoscalingPlan {
  minReplicas: number;
  maxReplicas: number;
  cpuPercent: number;
  memoryPercent: number | undefined;
  scaleDownPercent: number;
  scaleDownStabilisationSeconds: number;
  scaleUpPercent: number;
  scaleUpStabilisationSeconds: number;
}

/** Where the metrics are, and who reads them. */
export interface MetricsPlan {
  intervalSeconds: number;
  monitorLabels: Record<string, string>;
  path: string;
  port: number;
  scrapers: ApiGatewayPeer[];
  serviceMonitor: boolean;
}

/** How workers are found and called. */
export interface WorkersPlan {
  cidrs: string[];
  namespace: Input<string> | undefined;
  ports: number[];
  serviceName: Input<string>;
}

/** Plans a gateway, or names everything that is wrong with its arguments. */
export function planApiGateway(name: string, args: ApiGatewayArgs): Planned<ApiGatewayPlan> {
  return planned(apiGatewayFaults(name, args), () => ({
    name,
    ...process(args),
    ...calls(args),
    ...scale(args),
    ...placement(args),
    exposure: planExposure(name, args),
    metrics: metrics(args),
    namespace: args.namespace,
  }));
}

function process(args: ApiGatewayArgs) {
  return {
    command: args.command ?? [],
    environment: args.environment ?? {},
    environmentSecrets: args.environmentSecrets ?? [],
    image: args.image,
    port: args.port ?? defaults.port,
    preStopSeconds: args.preStopSeconds ?? defaults.preStopSeconds,
    probes: filled(defaults.probes, args.probes),
    resources: filled(defaults.resources, args.resources),
    terminationGracePeriodSeconds:
      args.terminationGracePeriodSeconds ?? defaults.terminationGracePeriodSeconds,
    userId: args.userId ?? defaults.userId,
  };
}

function calls(args: ApiGatewayArgs) {
  return {
    clients: args.clients ?? [],
    consul: args.consul,
    consulServers: args.consulServers,
    egress: args.egress ?? [],
    postgres: args.postgres,
    queen: args.queen,
    redis: args.redis,
    workers: workers(args),
  };
}

function workers({ workers: given }: ApiGatewayArgs): WorkersPlan | undefined {
  if (given === undefined) return undefined;
  return {
    cidrs: given.cidrs ?? [],
    namespace: given.namespace,
    ports: given.ports ?? [...defaults.workerPorts],
    serviceName: given.serviceName,
  };
}

/** With an autoscaler no number is said at all: each `up` would set it back. */
function scale({ autoscaling, maxUnavailable, replicas }: ApiGatewayArgs) {
  return {
    autoscaling:
      autoscaling === undefined
        ? undefined
        : { ...filled(defaults.autoscaling, autoscaling), maxReplicas: autoscaling.maxReplicas },
    maxUnavailable: maxUnavailablePods(maxUnavailable ?? defaults.maxUnavailable),
    replicas: autoscaling === undefined ? (replicas ?? defaults.replicas) : undefined,
  };
}

function placement(args: ApiGatewayArgs) {
  return {
    nodeSelector: args.nodeSelector ?? {},
    priorityClassName: args.priorityClassName,
    strictSpread: args.strictSpread ?? false,
    tolerations: args.tolerations ?? [],
  };
}

function metrics({ metrics: given }: ApiGatewayArgs): MetricsPlan | undefined {
  if (given === undefined) return undefined;
  return {
    intervalSeconds: given.intervalSeconds ?? 30,
    monitorLabels: given.monitorLabels ?? {},
    path: given.path ?? "/metrics",
    port: given.port ?? defaults.metricsPort,
    scrapers: given.scrapers,
    serviceMonitor: given.serviceMonitor ?? false,
  };
}

/** Defaults with what was given over them; given as undefined is not given. */
function filled<T extends object>(base: T, given: Partial<T> = {}): T {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(said) };
}
