import type { Input, Output } from "@pulumi/pulumi";
import { consumerSecret } from "../shared/consumer-secret";

/**
 * How one consumer reaches a Postgres or a Redis: what a component that uses one takes as an argument, whether the store
 * runs in the cluster, at a cloud or at somebody else's.
 */
export interface DataStoreRef {
  /** Host that is called; the server's certificate carries this name. */
  host: Input<string>;
  /** Port that is called, always with TLS; the store's pods listen on the same one. */
  port: Input<number>;
  /** Name of a Secret in the consumer's own namespace; its keys are those of `DATA_STORE_KEYS`. */
  secretName: Input<string>;
  /** Name of the database. Defaults to none: Redis has none. */
  database?: Input<string>;
  /** For the caller's egress policy: namespace of the store's pods. Defaults to none: the store is not in the cluster. */
  namespace?: Input<string>;
  /** For the caller's egress policy: labels of the store's pods. Defaults to none: the store is not in the cluster. */
  podLabels?: Record<string, string>;
  /** For the caller's egress policy: addresses of a store outside the cluster, in CIDR notation. Defaults to none. */
  cidrs?: string[];
  /** True where the Secret holds `ca.crt`, since the server's authority is not a public one. */
  privateAuthority: boolean;
}

/** The fields of a Postgres or Redis component that a reference is made of. */
export interface DataStoreOutputs {
  /** See {@link DataStoreRef.host}. */
  host: Output<string>;
  /** See {@link DataStoreRef.port}. */
  port: Output<number>;
  /** Names of the Secrets by the name of the consumer, who is known before any Secret is. */
  secretNames: Record<string, Output<string>>;
  /** See {@link DataStoreRef.database}. Defaults to none. */
  database?: Output<string>;
  /** See {@link DataStoreRef.namespace}. Defaults to none. */
  namespace?: Output<string>;
  /** See {@link DataStoreRef.podLabels}. Plain: it decides which rule a caller's policy has. Defaults to none. */
  podLabels?: Record<string, string>;
  /** See {@link DataStoreRef.cidrs}. Plain, as the labels are. Defaults to none. */
  cidrs?: string[];
  /** See {@link DataStoreRef.privateAuthority}. Plain: it decides whether a caller mounts the certificate. */
  privateAuthority: boolean;
}

/**
 * Makes the reference of one consumer: `postgres: dataStoreRef(postgres, "gateway")`. Where the store has no
 * consumer of that name the preview fails, and names those that there are.
 */
export function dataStoreRef(store: DataStoreOutputs, consumer: string): DataStoreRef {
  const { host, port, database, namespace, podLabels, cidrs, secretNames } = store;
  const owner = { what: "the data store", component: store };
  return {
    host,
    port,
    secretName: consumerSecret(owner, secretNames, consumer),
    ...(database !== undefined && { database }),
    ...(namespace !== undefined && { namespace }),
    ...(podLabels !== undefined && { podLabels }),
    ...(cidrs !== undefined && { cidrs }),
    privateAuthority: store.privateAuthority,
  };
}
