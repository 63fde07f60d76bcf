import type { Input } from "@pulumi/pulumi";
import type { DataStoreConsumer } from "../data-store/consumers";
import type { ExternalDataStore } from "../data-store/external";
import type { DataStoreIssuer } from "../data-store/issuer";
import type { ApiServerAccess } from "../namespaces/plan";
import type { PostgresBackups, PostgresRecovery } from "./backup-args";

/** A Postgres that somebody else runs. */
export interface ExternalPostgres extends ExternalDataStore {
  /** Name of the database. */
  database: string;
}

/** Pods in a namespace. */
export interface PostgresPeer {
  /** Namespace of the pods. */
  namespace: Input<string>;
  /** Labels of the pods. Defaults to all pods of the namespace. */
  podLabels?: Record<string, string>;
}

/** What one instance is given of its node. */
export interface PostgresResources {
  /** CPU that is kept free, as in `500m`. Defaults to "500m". */
  cpu?: string;
  /** Memory that is kept free and at most used, as in `1Gi`. Defaults to "1Gi". */
  memory?: string;
}

/** Arguments of {@link Postgres}. */
export interface PostgresArgs {
  /** Namespace of the instances; Pod Security level `restricted` is enough. Unused with `external`. */
  namespace: Input<string>;
  /** The Kubernetes API server, which every instance talks to. Defaults to what {@link ApiServerAccess} says. */
  apiServer?: ApiServerAccess;
  /** Base backups and an archive of all changes in an object store. Defaults to none: then a lost volume is lost data. */
  backups?: PostgresBackups;
  /** Who uses the database; all log in as its owner. Defaults to nobody. */
  consumers?: DataStoreConsumer[];
  /** Name of the database; fixed once made. Defaults to "app". */
  database?: string;
  /**
   * Guards the cluster, and with it its volumes, with Pulumi's `protect` and `retainOnDelete`. Switch it off and run `pulumi
   * up` before a wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /** Uses a Postgres that somebody else runs: then no instance is made. Defaults to instances of our own. */
  external?: ExternalPostgres;
  /**
   * Image of Postgres for CloudNativePG, by tag and digest: the operator reads the version off the tag. A newer major version
   * is an upgrade in place that takes the database down. Required for instances.
   */
  image?: string;
  /** How many instances, 1 to 9, each on a node of its own; from 3 on no confirmed write is lost with one. Defaults to 3. */
  instances?: number;
  /** Issuer of cert-manager that signs the server's certificate. Defaults to none: an authority is generated. */
  issuer?: DataStoreIssuer;
  /** Who reads the metrics on port 9187, over TLS. Defaults to nobody: no pod reaches them. */
  monitoring?: PostgresPeer;
  /** The operator's pods, which call every instance. Defaults to those of its own manifest, in `cnpg-system`. */
  operator?: PostgresPeer;
  /** Settings of Postgres, as in `{ max_connections: "200" }`. Defaults to the operator's. */
  parameters?: Record<string, string>;
  /** PriorityClass of the instances. Defaults to none. */
  priorityClassName?: Input<string>;
  /** Begins with the data of a backup instead of an empty database; read once, when the store is made. Defaults to none. */
  recovery?: PostgresRecovery;
  /** What one instance is given of its node. Defaults to what {@link PostgresResources} says. */
  resources?: PostgresResources;
  /** StorageClass of the volumes. Defaults to the cluster's default. */
  storageClass?: Input<string>;
  /** Size of each instance's volume of data in GiB; grows, never shrinks. Defaults to 10. */
  storageGib?: number;
  /** Name of the user that owns the database; fixed once made. Defaults to "app". */
  username?: string;
  /** Size of each instance's volume of changes (WAL) in GiB; grows, never shrinks. Defaults to 5. */
  walStorageGib?: number;
}
