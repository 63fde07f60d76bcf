/** What a URI is made of. */
export interface DataStoreAddress {
  host: string;
  port: number;
  username: string;
  password: string;
}

/**
 * The URI of a Postgres database. `verify-full` checks the server's certificate and name; where the authority is no public
 * one, the client is told the file of its certificate beside it, as in the environment variable PGSSLROOTCERT.
 * Source: https://www.postgresql.org/docs/current/libpq-connect.html
 */
export function postgresUri({
  database,
  ...address
}: DataStoreAddress & { database: string }): string {
  return `postgresql://${authority(address)}/${encodeURIComponent(database)}?sslmode=verify-full`;
}

/**
 * The URI of a Redis; the scheme asks for TLS.
 * Source: https://www.iana.org/assignments/uri-schemes/prov/rediss
 */
export function redisUri(address: DataStoreAddress): string {
  return `rediss://${authority(address)}/0`;
}

function authority({ host, port, username, password }: DataStoreAddress): string {
  return `${encodeURIComponent(username)}:${encodeURIComponent(password)}@${host}:${port}`;
}
