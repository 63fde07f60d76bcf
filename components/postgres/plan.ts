import type { Input } from "@pulumi/pulumi";
import { type ConsumerPlan, planConsumers } from "../data-store/consumers";
import type { DataStoreIssuer } from "../data-store/issuer";
import { type Planned, planned } from "../shared/faults";
import { objectName } from "../shared/names";
import { ANYWHERE } from "../shared/network-peers";
import type { ExternalPostgres, PostgresArgs, PostgresPeer } from "./args";
import type { PostgresObjectStore } from "./backup-args";
import { postgresFaults } from "./faults";

/** Backups, with every default filled in. */
export interface BackupPlan {
  store: PostgresObjectStore;
  objectStore: string;
  retention: string;
  schedule: string;
  workloadIdentity: Input<string> | undefined;
}

/** What the store begins with. */
export interface RecoveryPlan {
  serverName: string;
  targetTime: string | undefined;
  /** Name of the ObjectStore that is read. */
  objectStore: string;
  /** The store behind it, where it is not that of the backups. */
  store: PostgresObjectStore | undefined;
}

/** The instances, with every default filled in. */
export interface InstancesPlan {
  apiServer: { cidrs: readonly string[]; ports: readonly number[] };
  backups: BackupPlan | undefined;
  cpu: string;
  database: string;
  image: string;
  instances: number;
  issuer: DataStoreIssuer | undefined;
  memory: string;
  monitoring: PostgresPeer | undefined;
  names: PostgresNames;
  /** Addresses and ports of object stores; none without. */
  objectStores: { cidrs: readonly string[]; ports: number[] };
  operator: Required<PostgresPeer>;
  parameters: Record<string, string>;
  priorityClassName: Input<string> | undefined;
  recovery: RecoveryPlan | undefined;
  storageClass: Input<string> | undefined;
  storageGib: number;
  username: string;
  walStorageGib: number;
}

/** The names of the objects of an instance. */
export interface PostgresNames {
  /** Cluster, NetworkPolicy, and what the operator makes: pods, volumes and ServiceAccount. */
  cluster: string;
  /** The operator's Service of the instance that takes writes. */
  service: string;
  backups: string;
  /** Password of the database's owner. */
  owner: string;
  recovery: string;
  serverCa: string;
  serverTls: string;
}

/** A Postgres, with every default filled in. */
export interface PostgresPlan {
  name: string;
  namespace: Input<string>;
  consumers: ConsumerPlan[];
  deletionProtection: boolean;
  external: ExternalPostgres | undefined;
  /** Undefined with an external Postgres. */
  own: InstancesPlan | undefined;
}

/** What holds where an argument is left out. */
const defaults = Object.freeze({
  apiServerPorts: Object.freeze([443, 6443]),
  cpu: "500m",
  database: "app",
  instances: 3,
  memory: "1Gi",
  operatorLabels: Object.freeze({ "app.kubernetes.io/name": "cloudnative-pg" }),
  operatorNamespace: "cnpg-system",
  retentionDays: 30,
  schedule: "0 30 2 * * *",
  storageGib: 10,
  username: "app",
  walStorageGib: 5,
});

/** Plans a Postgres, or names everything that is wrong with its arguments. */
export function planPostgres(name: string, args: PostgresArgs): Planned<PostgresPlan> {
  return planned(postgresFaults(name, args), () => ({
    name,
    namespace: args.namespace,
    consumers: planConsumers(name, args.consumers),
    deletionProtection: args.deletionProtection ?? true,
    external: args.external,
    own: args.external === undefined ? planInstances(name, args) : undefined,
  }));
}

function planInstances(name: string, args: PostgresArgs): InstancesPlan {
  const names = namesOf(name);
  return {
    apiServer: {
      cidrs: args.apiServer?.cidrs ?? ANYWHERE,
      ports: args.apiServer?.ports ?? defaults.apiServerPorts,
    },
    backups: planBackups(names, args),
    cpu: args.resources?.cpu ?? defaults.cpu,
    database: args.database ?? defaults.database,
    image: args.image ?? "",
    instances: args.instances ?? defaults.instances,
    issuer: args.issuer,
    memory: args.resources?.memory ?? defaults.memory,
    monitoring: args.monitoring,
    names,
    objectStores: planObjectStores(args),
    operator: {
      namespace: args.operator?.namespace ?? defaults.operatorNamespace,
      podLabels: args.operator?.podLabels ?? defaults.operatorLabels,
    },
    parameters: args.parameters ?? {},
    priorityClassName: args.priorityClassName,
    recovery: planRecovery(names, args),
    storageClass: args.storageClass,
    storageGib: args.storageGib ?? defaults.storageGib,
    username: args.username ?? defaults.username,
    walStorageGib: args.walStorageGib ?? defaults.walStorageGib,
  };
}

function namesOf(name: string): PostgresNames {
  return {
    cluster: name,
    service: objectName([name, "rw"]),
    backups: objectName([name, "backups"]),
    owner: objectName([name, "owner"]),
    recovery: objectName([name, "recovery"]),
    serverCa: objectName([name, "server-ca"]),
    serverTls: objectName([name, "server-tls"]),
  };
}

function planBackups(names: PostgresNames, { backups }: PostgresArgs): BackupPlan | undefined {
  if (backups === undefined) return undefined;
  return {
    store: backups.store,
    objectStore: names.backups,
    retention: `${backups.retentionDays ?? defaults.retentionDays}d`,
    schedule: backups.schedule ?? defaults.schedule,
    workloadIdentity: backups.workloadIdentity,
  };
}

function planRecovery(names: PostgresNames, { recovery }: PostgresArgs): RecoveryPlan | undefined {
  if (recovery === undefined) return undefined;
  return {
    serverName: recovery.serverName,
    targetTime: recovery.targetTime,
    objectStore: recovery.store === undefined ? names.backups : names.recovery,
    store: recovery.store,
  };
}

function planObjectStores({ backups, recovery }: PostgresArgs): InstancesPlan["objectStores"] {
  const stores = [backups?.store, recovery?.store].filter((store) => store !== undefined);
  const ports = stores.map(({ endpointUrl }) => portOf(endpointUrl));
  return {
    cidrs: stores.length === 0 ? [] : (backups?.cidrs ?? ANYWHERE),
    ports: [...new Set(ports)],
  };
}

function portOf(endpointUrl: string | undefined): number {
  const port = endpointUrl === undefined ? "" : new URL(endpointUrl).port;
  return port === "" ? 443 : Number(port);
}
