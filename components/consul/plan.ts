import { createHash } from "node:crypto";
import type { Input } from "@pulumi/pulumi";
import { type Planned, planned } from "../shared/faults";
import { objectName } from "../shared/names";
import { type AclEntry, aclEntries, type ConsumerAccess, type ServiceScope } from "./acl";
import { aclFiles } from "./acl-files";
import { type ConsulArgs, type ConsulConsumer, ConsulRole, type ExternalConsul } from "./args";
import { consulFaults } from "./faults";
import { tokenSecretName } from "./secret-names";
import { serverConfig } from "./server-config";

/** A consumer whose Secret is to be written. */
interface ConsumerPlan {
  name: string;
  namespace: Input<string>;
  secretName: string;
  /** The existing token; undefined where ours is generated. */
  token: Input<string> | undefined;
}

/** The snapshots, with every default filled in. */
export interface SnapshotPlan {
  retained: number;
  schedule: string;
  storageClass: Input<string> | undefined;
  storageGib: number;
}

/** The servers, with every default filled in. */
export interface ServersPlan {
  aclEntries: AclEntry[];
  aclFiles: Record<string, string>;
  config: string;
  cpu: string;
  image: string;
  memory: string;
  names: ObjectNames;
  priorityClassName: Input<string> | undefined;
  servers: number;
  snapshots: SnapshotPlan | undefined;
  storageClass: Input<string> | undefined;
  storageGib: number;
}

/** The names of the objects of an instance. */
export interface ObjectNames {
  /** StatefulSet, its ServiceAccount, PodDisruptionBudget and the Service of the HTTP API. */
  servers: string;
  /** Service in whose domain the servers find each other. */
  headless: string;
  config: string;
  keys: string;
  tls: string;
  ca: string;
  acl: string;
  /** The ACL Job: its name changes with what it does, since a Job cannot be changed. */
  aclJob: string;
  snapshots: string;
}

/** A Consul, with every default filled in. */
export interface ConsulPlan {
  name: string;
  namespace: Input<string>;
  consumers: ConsumerPlan[];
  datacenter: string;
  deletionProtection: boolean;
  external: ExternalConsul | undefined;
  /** Undefined with an external Consul. */
  servers: ServersPlan | undefined;
}

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  cpu: "200m",
  datacenter: "dc1",
  memory: "512Mi",
  servers: 3,
  snapshotSchedule: "17 0,6,12,18 * * *",
  snapshotsRetained: 28,
  storageGib: 10,
});

/** Plans a Consul, or names everything that is wrong with its arguments. */
export function planConsul(name: string, args: ConsulArgs): Planned<ConsulPlan> {
  return planned(consulFaults(name, args), () => ({
    name,
    namespace: args.namespace,
    consumers: (args.consumers ?? []).map((consumer) => ({
      name: consumer.name,
      namespace: consumer.namespace,
      secretName: tokenSecretName(name, consumer),
      token: consumer.token,
    })),
    datacenter: args.datacenter ?? defaults.datacenter,
    deletionProtection: args.deletionProtection ?? true,
    external: args.external,
    servers: args.external === undefined ? planServers(name, args) : undefined,
  }));
}

function planServers(name: string, args: ConsulArgs): ServersPlan {
  const servers = args.servers ?? defaults.servers;
  const entries = aclEntries(name, consumerAccess(args.consumers ?? []));
  const files = aclFiles(entries);
  const names = objectNames(name, files, args.image ?? "");
  return {
    aclEntries: entries,
    aclFiles: files,
    config: serverConfig({
      datacenter: args.datacenter ?? defaults.datacenter,
      servers,
      name: names.servers,
      headlessService: names.headless,
    }),
    cpu: args.resources?.cpu ?? defaults.cpu,
    image: args.image ?? "",
    memory: args.resources?.memory ?? defaults.memory,
    names,
    priorityClassName: args.priorityClassName,
    servers,
    snapshots: planSnapshots(args),
    storageClass: args.storageClass,
    storageGib: args.storageGib ?? defaults.storageGib,
  };
}

function consumerAccess(consumers: ConsulConsumer[]): ConsumerAccess[] {
  const workers = consumers.filter(({ role }) => role === ConsulRole.Worker).map(scopeOf);
  const all = workers.filter(
    (scope, index) => workers.findIndex((other) => same(other, scope)) === index,
  );
  return consumers.map((consumer) => {
    const { name, role, service, servicePrefix } = consumer;
    const unnamed = service === undefined && servicePrefix === undefined;
    return {
      name,
      role,
      scopes: role === ConsulRole.Gateway && unnamed ? all : [scopeOf(consumer)],
    };
  });
}

function scopeOf({ name, service, servicePrefix }: ConsulConsumer): ServiceScope {
  return servicePrefix === undefined
    ? { match: "service", name: service ?? name }
    : { match: "service_prefix", name: servicePrefix };
}

function same(one: ServiceScope, other: ServiceScope): boolean {
  return one.match === other.match && one.name === other.name;
}

function objectNames(name: string, files: Record<string, string>, image: string): ObjectNames {
  const content = createHash("sha256")
    .update(JSON.stringify([files, image]))
    .digest("hex");
  return {
    servers: name,
    headless: objectName([name, "servers"]),
    config: objectName([name, "config"]),
    keys: objectName([name, "keys"]),
    tls: objectName([name, "tls"]),
    ca: objectName([name, "ca"]),
    acl: objectName([name, "acl"]),
    aclJob: objectName([name, "acl", content.slice(0, 8)]),
    snapshots: objectName([name, "snapshots"], 52),
  };
}

function planSnapshots({ snapshots, storageClass }: ConsulArgs): SnapshotPlan | undefined {
  if (snapshots?.enabled === false) return undefined;
  return {
    retained: snapshots?.retained ?? defaults.snapshotsRetained,
    schedule: snapshots?.schedule ?? defaults.snapshotSchedule,
    storageClass: snapshots?.storageClass ?? storageClass,
    storageGib: snapshots?.storageGib ?? defaults.storageGib,
  };
}
