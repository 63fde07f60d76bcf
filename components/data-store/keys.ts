/**
 * The keys of the Secret that tells a consumer how to reach its data store: the same for Postgres and Redis, in the
 * cluster, managed and external. Consumers read these names and nothing else.
 */
export const DATA_STORE_KEYS = Object.freeze({
  /** Host that is called; the server's certificate carries this name. */
  host: "host",
  /** Port that is called, in decimal digits. */
  port: "port",
  /** User that the consumer logs in as. */
  username: "username",
  /** The user's password. */
  password: "password",
  /** All of it as one URI: `postgresql://...?sslmode=verify-full`, or `rediss://...`. */
  uri: "uri",
  /** Name of the database; Postgres only. */
  database: "database",
  /** The authority's certificate (PEM), where it is no public one. */
  caCertificate: "ca.crt",
});
