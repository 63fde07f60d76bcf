import { planApiGateway } from "../components/api-gateway/plan";
import { planPostgres } from "../components/postgres/plan";
import { planQueen } from "../components/queen/plan";
import { planRedis } from "../components/redis/plan";
import type { Fault } from "../components/shared/faults";
import { planTraceUploader } from "../components/trace-uploader/kubernetes/plan";
import { consulGroups, names, serviceNameOf } from "./arguments";
import { isManaged } from "./managed-services";
import { managedFaults, withoutQueen } from "./managed-faults";
import { partFaults, within } from "./part-faults";
import type { FabricConfig } from "./schema";
import {
  gatewayArgs,
  type GatewaySurroundings,
  postgresArgs,
  queenArgs,
  redisArgs,
  uploaderArgs,
} from "./service-arguments";
import type { ServiceSettings } from "./service-schema";
import { findings } from "./unreadable";

/** What the planners of the services find wrong with a configuration, with the paths of the stack's file. */
export function serviceFaults(root: string, config: FabricConfig): Fault[] {
  const { services } = placeholders.places;
  return findings(
    () =>
      within(`${root}.queen`, config.queen, (path, settings) => {
        const args = queenArgs(config, settings, placeholders.assetSet, placeholders.places);
        return withoutConsumers(path, partFaults(path, planQueen(names.queen, args)));
      }),
    () =>
      within(`${root}.postgres`, config.postgres, (path, settings) => [
        ...loginFaults(path, settings),
        ...partFaults(path, planPostgres(names.postgres, postgresArgs(config, settings, services))),
      ]),
    () =>
      within(`${root}.redis`, config.redis, (path, settings) => [
        ...loginFaults(path, settings),
        ...partFaults(path, planRedis(names.redis, redisArgs(config, settings, services))),
      ]),
    () =>
      within(`${root}.gateway`, config.gateway, (path, settings) =>
        gatewayFaults(path, config, settings),
      ),
    () =>
      within(`${root}.traceUploader`, config.traceUploader, (path, settings) => {
        const args = uploaderArgs(settings, placeholders.queen, services);
        return [
          ...partFaults(path, planTraceUploader(names.uploader, args)),
          ...(config.queen === undefined ? [withoutQueen(path)] : []),
        ];
      }),
    () => managedFaults(root, config),
  );
}

function gatewayFaults(
  path: string,
  config: FabricConfig,
  settings: ServiceSettings["gateway"],
): Fault[] {
  const surroundings: GatewaySurroundings = {
    consul: placeholders.consul,
    postgres: hasStore(config, "postgres") ? placeholders.store : undefined,
    queen: config.queen && placeholders.queen,
    redis: hasStore(config, "redis") ? placeholders.store : undefined,
  };
  const args = gatewayArgs(config, settings, surroundings, placeholders.places);
  return [
    ...partFaults(path, planApiGateway(names.gateway, args)),
    ...workersFaults(path, config, settings),
  ];
}

/** Of several services of workers the stack's file says which one the gateway looks for. */
function workersFaults(
  path: string,
  config: FabricConfig,
  settings: ServiceSettings["gateway"],
): Fault[] {
  const services = [...new Set(consulGroups(config).map((group) => serviceNameOf(...group)))];
  if (services.length === 1 || settings.workers !== undefined) return [];
  const problem = services.length === 0 ? "no group of workers registers" : "missing";
  const allowed = services.length === 0 ? "a group that does" : services.join(", ");
  return [{ path: `${path}.workers.serviceName`, problem, allowed }];
}

/** The stack's file is no place for a password. */
function loginFaults(
  path: string,
  { external }: ServiceSettings["postgres"] | ServiceSettings["redis"],
): Fault[] {
  if (external?.password === undefined) return [];
  return [
    {
      path: `${path}.external.password`,
      problem: "a password in plain text in the stack's file",
      allowed: "none",
      fix: "existingSecret, the name of a Secret in the services' namespace",
    },
  ];
}

/** Queen's consumers are the groups, whose faults are said once, where the user wrote them. */
function withoutConsumers(path: string, faults: readonly Fault[]): Fault[] {
  return faults.filter((fault) => !fault.path.startsWith(`${path}.consumers[`));
}

function hasStore(config: FabricConfig, kind: "postgres" | "redis"): boolean {
  return config[kind] !== undefined || isManaged(config, kind);
}

// What only exists once the fabric does.
const placeholders = Object.freeze({
  assetSet: "assets-00000000000000000000",
  consul: {
    address: "https://consul.invalid:8501",
    caCertificate: "",
    datacenter: "dc1",
    tokenSecretName: "token",
  },
  places: { agents: "agents", services: "services" },
  queen: {
    caCertificate: "",
    clientSecretName: "queen",
    host: "queen.agents.svc",
    namespace: "agents",
    podLabels: { app: "queen" },
    port: 564,
    serverName: "queen",
  },
  store: {
    host: "store.services.svc",
    namespace: "services",
    podLabels: { app: "store" },
    port: 5432,
    privateAuthority: true,
    secretName: "store",
  },
});
