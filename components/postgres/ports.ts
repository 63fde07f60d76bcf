/** The port on which a Postgres is called. */
export const POSTGRES_PORT = 5432;

/** The ports of CloudNativePG's instances beside it. */
export const INSTANCE_PORTS = Object.freeze({
  /** The instance manager: the operator and other instances ask it, over TLS. */
  status: 8000,
  /** Metrics, over TLS. */
  metrics: 9187,
});

/** The value of `app.kubernetes.io/name` on the objects of a Postgres. */
export const POSTGRES_APP = "postgres";

/** The label by which CloudNativePG marks all pods of a cluster: instances, and the jobs that make them. */
export const CLUSTER_LABEL = "cnpg.io/cluster";

/** The plugin that keeps backups. Source: https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/ */
export const BARMAN_PLUGIN = "barman-cloud.cloudnative-pg.io";
