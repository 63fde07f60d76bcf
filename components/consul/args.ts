import type { Input } from "@pulumi/pulumi";

/** What a consumer of Consul may do. */
export const ConsulRole = {
  /** Registers its service, and reads nodes. */
  Worker: "worker",
  /** Reads its service or, by default, those of all workers here, and nodes; changes nothing. */
  Gateway: "gateway",
} as const;
/** See the members of the constant of the same name. */
export type ConsulRole = (typeof ConsulRole)[keyof typeof ConsulRole];

/** Somebody that talks to Consul, and gets a token of its own. */
export interface ConsulConsumer {
  /** Name of the consumer: a DNS label, once a component. */
  name: string;
  /** Namespace that the consumer's token Secret is written to. It must exist. */
  namespace: Input<string>;
  /** What the consumer may do. */
  role: ConsulRole;
  /** Name of the Secret. Defaults to `NAME-CONSUMER-token`. */
  secretName?: string;
  /**
   * The name of the service that the consumer may register or read, that one and no other. Defaults to the
   * consumer's own name, and for a gateway to the services of all workers here.
   */
  service?: string;
  /**
   * Instead of `service`, the beginning of the names of all services that the consumer may register or
   * read: with `worker` those called `worker-gpu` as well. Defaults to none.
   */
  servicePrefix?: string;
  /** The consumer's existing token; required with `external`, else generated. Defaults to none. */
  token?: Input<string>;
}

/** A Consul that somebody else runs. */
export interface ExternalConsul {
  /** URL of the HTTP API over TLS, as in `https://consul.example.com:8501`. */
  address: Input<string>;
  /** The certificate (PEM) of the authority that signed the servers' certificates. */
  caCertificate: Input<string>;
}

/** Snapshots of Consul's state. They hold every ACL token in plain text: guard the volume. */
export interface ConsulSnapshots {
  /** Saves snapshots. Defaults to true. */
  enabled?: boolean;
  /** How many snapshots are kept. Defaults to 28: a week of them. */
  retained?: number;
  /** When a snapshot is saved, as a cron schedule in UTC. Defaults to "17 0,6,12,18 * * *". */
  schedule?: string;
  /** StorageClass of the volume. Defaults to the servers' one. */
  storageClass?: Input<string>;
  /** Size of the volume in GiB. Defaults to 10. */
  storageGib?: number;
}

/** What one server is given of its node. */
export interface ConsulResources {
  /** CPU that is kept free, as in `500m`. Defaults to "200m". */
  cpu?: string;
  /** Memory that is kept free and at most used, as in `1Gi`. Defaults to "512Mi". */
  memory?: string;
}

/** Arguments of {@link Consul}. */
export interface ConsulArgs {
  /** Namespace of the servers; Pod Security level `restricted` is enough. Unused with `external`. */
  namespace: Input<string>;
  /** Who talks to Consul. Defaults to nobody. */
  consumers?: ConsulConsumer[];
  /** Name of the datacenter; servers' certificates carry it. Defaults to "dc1". */
  datacenter?: string;
  /**
   * Guards what cannot be made again - keys, token seed, servers with their volumes, snapshots - with
   * Pulumi's `protect` and `retainOnDelete`. Switch it off and run `pulumi up` before a wanted destroy.
   * Defaults to true.
   */
  deletionProtection?: boolean;
  /** Uses somebody else's Consul: then no server is made. Defaults to servers of our own. */
  external?: ExternalConsul;
  /** Consul's image, by digest; it must contain `curl`, as the official one does. Required for servers. */
  image?: string;
  /** PriorityClass of the servers. Defaults to none. */
  priorityClassName?: Input<string>;
  /** What one server is given of its node. Defaults to what {@link ConsulResources} says. */
  resources?: ConsulResources;
  /** How many servers: 1, 3, 5 or 7, each on a node of its own. Defaults to 3. */
  servers?: number;
  /** Snapshots of the state. Defaults to what {@link ConsulSnapshots} says. */
  snapshots?: ConsulSnapshots;
  /** StorageClass of the servers' volumes. Defaults to the cluster's default. */
  storageClass?: Input<string>;
  /** Size of each server's volume in GiB; fixed once made. Defaults to 10. */
  storageGib?: number;
}
