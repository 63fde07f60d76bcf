/** The ports of a Consul server. Plain HTTP, DNS, gRPC and WAN gossip are off. */
export const CONSUL_PORTS = Object.freeze({
  /** HTTP API over TLS: servers, the ACL Job, the snapshot CronJob, workers and gateways call it. */
  https: 8501,
  /** RPC between servers, TCP. */
  rpc: 8300,
  /** Gossip between servers, TCP and UDP. */
  serfLan: 8301,
});

/** The value of `app.kubernetes.io/name` on every pod of Consul. */
export const CONSUL_APP = "consul";

/** The values of `app.kubernetes.io/component` on Consul's pods: what network policies select. */
export const CONSUL_COMPONENTS = Object.freeze({
  /** Servers: talk to each other, are called by all, and ask workers for their health. */
  server: "server",
  /** The Job that makes policies and tokens: calls the servers' HTTP API alone. */
  acl: "acl",
  /** The CronJob that saves snapshots: calls the servers' HTTP API alone. */
  snapshot: "snapshot",
});
