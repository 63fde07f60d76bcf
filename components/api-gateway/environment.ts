import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { CONSUL_CA_FILE, CONSUL_CA_FOLDER, consulVariables } from "../consul/client-environment";
import { DATA_STORE_KEYS } from "../data-store/keys";
import type { DataStoreRef } from "../data-store/data-store-ref";
import type { QueenRef } from "../queen/queen-ref";
import type { EnvironmentVariable } from "../shared/environment-variable";
import type { ApiGatewayPlan } from "./plan";

/** The folders in which a gateway finds certificates and keys, all of them read-only. */
export const FOLDERS = Object.freeze({
  consul: CONSUL_CA_FOLDER,
  postgres: "/etc/postgres-ca",
  queen: "/etc/queen-ca",
  queenClient: "/etc/queen-client",
  redis: "/etc/redis-ca",
});

/** The file of an authority's certificate in its folder, and the key of the ConfigMap that it comes from. */
export const CA_FILE = CONSUL_CA_FILE;

/** The gateway's environment. The order matters: Kubernetes resolves references backwards only. */
export function gatewayEnvironment(plan: ApiGatewayPlan): EnvironmentVariable[] {
  return [
    { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "PORT", value: String(plan.port) },
    ...(plan.metrics === undefined
      ? []
      : [{ name: "METRICS_PORT", value: String(plan.metrics.port) }]),
    ...(plan.consul === undefined ? [] : consulVariables(plan.consul)),
    ...(plan.workers === undefined
      ? []
      : [{ name: "KVM_FABRIC_WORKER_SERVICE", value: plan.workers.serviceName }]),
    ...(plan.postgres === undefined ? [] : postgresVariables(plan.postgres)),
    ...(plan.redis === undefined ? [] : redisVariables(plan.redis)),
    ...(plan.queen === undefined ? [] : queenVariables(plan.queen)),
    ...plan.environmentSecrets.map(({ name, secretName, secretKey }) =>
      secretVariable(name, secretName, secretKey),
    ),
    ...Object.entries(plan.environment).map(([name, value]) => ({ name, value })),
  ];
}

/** The URI asks for a checked certificate; clients of libpq's kind find whom to trust in `PGSSLROOTCERT`. */
function postgresVariables(postgres: DataStoreRef): EnvironmentVariable[] {
  const ca = `${FOLDERS.postgres}/${DATA_STORE_KEYS.caCertificate}`;
  return [
    secretVariable("DATABASE_URL", postgres.secretName, DATA_STORE_KEYS.uri),
    ...(postgres.privateAuthority
      ? [
          { name: "DATABASE_CA_FILE", value: ca },
          { name: "PGSSLROOTCERT", value: ca },
        ]
      : []),
  ];
}

function redisVariables(redis: DataStoreRef): EnvironmentVariable[] {
  const ca = `${FOLDERS.redis}/${DATA_STORE_KEYS.caCertificate}`;
  return [
    secretVariable("REDIS_URL", redis.secretName, DATA_STORE_KEYS.uri),
    ...(redis.privateAuthority ? [{ name: "REDIS_CA_FILE", value: ca }] : []),
  ];
}

function queenVariables({ host, port, serverName }: QueenRef): EnvironmentVariable[] {
  return [
    { name: "KVM_FABRIC_QUEEN_ADDRESS", value: pulumi.interpolate`${host}:${port}` },
    { name: "KVM_FABRIC_QUEEN_NAME", value: serverName },
    { name: "KVM_FABRIC_QUEEN_CA", value: `${FOLDERS.queen}/${CA_FILE}` },
    { name: "KVM_FABRIC_QUEEN_CERT", value: `${FOLDERS.queenClient}/tls.crt` },
    { name: "KVM_FABRIC_QUEEN_KEY", value: `${FOLDERS.queenClient}/tls.key` },
  ];
}

function secretVariable(name: string, secretName: Input<string>, key: string): EnvironmentVariable {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}
