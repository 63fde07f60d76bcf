import type { PostgresArgs } from "../../../../components/postgres/args";
import { BackupCloud } from "../../../../components/postgres/backup-args";
import { EvictionPolicy, type RedisArgs } from "../../../../components/redis/args";
import { AUTHORITY } from "../consul/authority";

const digest = `@sha256:${"a".repeat(64)}`;
const consumers = [{ name: "gateway", namespace: "api", podLabels: { app: "gateway" } }];
const issuer = { name: "internal", caCertificate: AUTHORITY };

/** The arguments that no Postgres goes without. */
export const leastPostgres: PostgresArgs = {
  image: `ghcr.io/cloudnative-pg/postgresql:17.6${digest}`,
  namespace: "services",
};

/** Every argument that goes together with the others. */
export const wholePostgres: PostgresArgs = {
  ...leastPostgres,
  apiServer: { cidrs: ["10.0.0.1/32"], ports: [6443] },
  backups: {
    store: {
      cloud: BackupCloud.S3,
      path: "s3://backups/fabric",
      credentialsSecret: "s3",
      endpointCaSecret: "s3-ca",
      endpointUrl: "https://s3.internal:9000",
    },
    cidrs: ["10.9.0.0/16"],
    retentionDays: 7,
    schedule: "0 0 */6 * * *",
    workloadIdentity: "arn:aws:iam::123456789012:role/backups",
  },
  consumers,
  database: "aetherium",
  instances: 5,
  issuer,
  monitoring: { namespace: "monitoring", podLabels: { app: "prometheus" } },
  operator: { namespace: "operators", podLabels: { app: "cnpg" } },
  parameters: { max_connections: "200" },
  priorityClassName: "mine",
  recovery: {
    serverName: "old",
    store: { cloud: BackupCloud.Gcs, path: "gs://backups/old", credentialsSecret: "gcs" },
    targetTime: "2026-11-22T10:00:00Z",
  },
  resources: { cpu: "2", memory: "8Gi" },
  storageClass: "fast",
  storageGib: 200,
  username: "gateway",
  walStorageGib: 20,
};

/** The arguments that no Redis goes without. */
export const leastRedis: RedisArgs = {
  image: `docker.io/valkey/valkey:8.1.4${digest}`,
  namespace: "services",
};

/** Every argument that goes together with the others. */
export const wholeRedis: RedisArgs = {
  ...leastRedis,
  allowEviction: false,
  consumers,
  cpu: "1",
  evictionPolicy: EvictionPolicy.AllKeysLru,
  issuer,
  memoryMib: 4096,
  priorityClassName: "mine",
  storageClass: "fast",
  storageGib: 20,
};
