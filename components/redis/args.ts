import type { Input } from "@pulumi/pulumi";
import type { DataStoreConsumer } from "../data-store/consumers";
import type { ExternalDataStore } from "../data-store/external";
import type { DataStoreIssuer } from "../data-store/issuer";

/** What is thrown out once the memory is full. */
export const EvictionPolicy = {
  /** Nothing: writes fail. For data that is not kept elsewhere. */
  NoEviction: "noeviction",
  /** What was not used for longest, of all keys. For a cache. */
  AllKeysLru: "allkeys-lru",
  /** What is used least often, of all keys. For a cache. */
  AllKeysLfu: "allkeys-lfu",
  /** What was not used for longest, of the keys that expire. */
  VolatileLru: "volatile-lru",
  /** What is used least often, of the keys that expire. */
  VolatileLfu: "volatile-lfu",
  /** What expires first, of the keys that expire. */
  VolatileTtl: "volatile-ttl",
} as const;
/** See the members of the constant of the same name. */
export type EvictionPolicy = (typeof EvictionPolicy)[keyof typeof EvictionPolicy];

/** Arguments of {@link Redis}. */
export interface RedisArgs {
  /** Namespace of the server; Pod Security level `restricted` is enough. Unused with `external`. */
  namespace: Input<string>;
  /**
   * Lets a drain of its node move the server, which takes it down for seconds. Without, a drain waits until somebody deletes
   * the pod. Defaults to true.
   */
  allowEviction?: boolean;
  /** Who uses the store; each gets a user of its own. Defaults to nobody. */
  consumers?: DataStoreConsumer[];
  /** CPU that is kept free for the server, as in `500m`. Defaults to "100m". */
  cpu?: string;
  /**
   * Guards the server and its volume with Pulumi's `protect` and `retainOnDelete`; Kubernetes keeps the volume in any case.
   * Switch it off and run `pulumi up` before a wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /** What is thrown out once the memory is full. Defaults to `EvictionPolicy.NoEviction`. */
  evictionPolicy?: EvictionPolicy;
  /** Uses a store that somebody else runs: then no server is made. Defaults to a server of our own. */
  external?: ExternalDataStore;
  /** Valkey's image, by digest; it must contain a shell with `grep` and `sed`, and `valkey-cli`, as the official one does. Required for a server. */
  image?: string;
  /** Issuer of cert-manager that signs the server's certificate. Defaults to none: an authority is generated. */
  issuer?: DataStoreIssuer;
  /** Memory for data in MiB; the container may use twice as much and 64 MiB, for copies while it saves. Defaults to 256. */
  memoryMib?: number;
  /** PriorityClass of the server. Defaults to none. */
  priorityClassName?: Input<string>;
  /** StorageClass of the volume. Defaults to the cluster's default. */
  storageClass?: Input<string>;
  /** Size of the volume in GiB; fixed once made. Take at least three times the memory. Defaults to 8. */
  storageGib?: number;
}
