import type { Input } from "@pulumi/pulumi";
import { type ConsumerPlan, dataStoreConsumerFaults, planConsumers } from "../data-store/consumers";
import {
  type ExternalDataStore,
  externalFaults,
  ownOnlyFaults,
  renamedFaults,
} from "../data-store/external";
import { type DataStoreIssuer, issuerFaults } from "../data-store/issuer";
import { type Fault, type Planned, planned } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { memberFaults } from "../shared/members";
import { instanceNameFaults, objectName } from "../shared/names";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults } from "../shared/quantities";
import { EvictionPolicy, type RedisArgs } from "./args";
import { SERVICE_USERS } from "./users";

/** The server, with every default filled in. */
export interface RedisServerPlan {
  allowEviction: boolean;
  cpu: string;
  evictionPolicy: EvictionPolicy;
  image: string;
  issuer: DataStoreIssuer | undefined;
  memoryMib: number;
  /** What the container may use in MiB. */
  limitMib: number;
  names: RedisNames;
  priorityClassName: Input<string> | undefined;
  storageClass: Input<string> | undefined;
  storageGib: number;
}

/** The names of the objects of an instance. */
export interface RedisNames {
  /** StatefulSet, ServiceAccount, Service, PodDisruptionBudget and NetworkPolicy. */
  server: string;
  config: string;
  tls: string;
  users: string;
}

/** A Redis, with every default filled in. */
export interface RedisPlan {
  name: string;
  namespace: Input<string>;
  consumers: ConsumerPlan[];
  deletionProtection: boolean;
  external: ExternalDataStore | undefined;
  /** Undefined with an external store. */
  server: RedisServerPlan | undefined;
}

/** What holds where an argument is left out. */
const defaults = Object.freeze({ cpu: "100m", memoryMib: 256, storageGib: 8 });

/** Arguments that shape the server. */
const OWN_ONLY = [
  "allowEviction",
  "cpu",
  "evictionPolicy",
  "image",
  "issuer",
  "memoryMib",
  "priorityClassName",
  "storageClass",
  "storageGib",
] as const;

/** Plans a Redis, or names everything that is wrong with its arguments. */
export function planRedis(name: string, args: RedisArgs): Planned<RedisPlan> {
  return planned(redisFaults(name, args), () => ({
    name,
    namespace: args.namespace,
    consumers: planConsumers(name, args.consumers),
    deletionProtection: args.deletionProtection ?? true,
    external: args.external,
    server: args.external === undefined ? planServer(name, args) : undefined,
  }));
}

function planServer(name: string, args: RedisArgs): RedisServerPlan {
  const memoryMib = args.memoryMib ?? defaults.memoryMib;
  return {
    allowEviction: args.allowEviction ?? true,
    cpu: args.cpu ?? defaults.cpu,
    evictionPolicy: args.evictionPolicy ?? EvictionPolicy.NoEviction,
    image: args.image ?? "",
    issuer: args.issuer,
    memoryMib,
    limitMib: 2 * memoryMib + 64,
    names: {
      server: name,
      config: objectName([name, "config"]),
      tls: objectName([name, "tls"]),
      users: objectName([name, "users"]),
    },
    priorityClassName: args.priorityClassName,
    storageClass: args.storageClass,
    storageGib: args.storageGib ?? defaults.storageGib,
  };
}

function redisFaults(name: string, args: RedisArgs): Fault[] {
  const { external } = args;
  return [
    ...instanceNameFaults(name),
    ...(external === undefined
      ? serverFaults(args)
      : [
          ...ownOnlyFaults(args, OWN_ONLY),
          ...externalFaults("external", external),
          ...renamedFaults(external, args.consumers),
        ]),
    ...dataStoreConsumerFaults(name, args.consumers, SERVICE_USERS),
  ];
}

function serverFaults(args: RedisArgs): Fault[] {
  return [
    ...imageFaults("image", args.image),
    ...cpuFaults("cpu", args.cpu),
    ...memberFaults("evictionPolicy", args.evictionPolicy, Object.values(EvictionPolicy)),
    ...issuerFaults("issuer", args.issuer),
    ...wholeNumberFaults("memoryMib", args.memoryMib, 16, 1_048_576),
    ...wholeNumberFaults("storageGib", args.storageGib, 1, 65_536),
  ];
}
