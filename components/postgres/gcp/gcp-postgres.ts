import type { DatabaseInstance } from "@pulumi/gcp/sql/databaseInstance";
import * as pulumi from "@pulumi/pulumi";
import { createGcpClients } from "../../data-store/managed/gcp-clients";
import { createGcpCredentials, createGcpKey } from "../../data-store/managed/gcp-store";
import { createSuffix } from "../../data-store/managed/identifiers";
import { createPassword } from "../../data-store/managed/password";
import { createSecrets } from "../../data-store/managed/secrets";
import { DataStoreMode, fixMode } from "../../data-store/mode";
import type { DataStoreLogin } from "../../data-store/secrets";
import { postgresUri } from "../../data-store/uris";
import { after } from "../../shared/after";
import { dataGuard } from "../../shared/data-guard";
import { requirePlan } from "../../shared/require-plan";
import type { GcpPostgresArgs } from "./args";
import { createEndpoint } from "./endpoint";
import { createInstance } from "./instance";
import { type GcpPostgresPlan, planGcpPostgres } from "./plan";

/** The port of Postgres. */
const POSTGRES_PORT = 5432;

/**
 * A Postgres that Google Cloud runs: Cloud SQL, private, encrypted, in two zones.
 *
 * Creates, under its logical name `NAME`: unless one is given the key ring `NAME-keys` with the key `NAME-data` and for
 * each of the services `sql` and `secrets` its agent `NAME-SERVICE-agent` with the grant `NAME-SERVICE-key-user`; the
 * instance `NAME`, for whose name there are the digits `NAME-suffix`, with `NAME-database` and `NAME-user`; in the network the address and forwarding rule `NAME-endpoint` and
 * the private zone `NAME-zone` with `NAME-record`; the firewall rules `NAME-clients` and `NAME-others`; the user's password
 * `NAME-password`, all of the connection in Secret Manager as `NAME-credentials`, for each consumer a Secret
 * `NAME-CONSUMER`; and `NAME-mode`, which holds against a change of who runs the database.
 *
 * It costs two machines (one without `highAvailability`) and their storage, an endpoint, a zone, a key and a secret.
 *
 * ```typescript
 * const postgres = new GcpPostgres("fabric-postgres", {
 *   network, version: "17", allowedCidrs: ["10.4.0.0/14"],
 *   consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { postgres: dataStoreRef(postgres, "gateway"), ... });
 * ```
 *
 * - Clients reach it by Private Service Connect, under a name that its certificate carries; its authority's certificate is
 *   `ca.crt` of consumers' Secrets. Connections without TLS are refused.
 * - GKE's pods call from the range of pods: `allowedCidrs` names that one.
 * - The database can be brought back to any second of `backupRetentionDays`, into a new instance.
 * - A grant for a key may take minutes until it holds: where the first `up` then fails, run it again.
 * - Once the storage has grown by itself, the next change takes `pulumi up --refresh`.
 * - Whoever destroys it sets `deletionProtection` to false and runs `pulumi up` first; then no backup stays.
 *
 * Not for read replicas, nor for a network of another project's (Shared VPC): the endpoint is made in this one.
 */
export class GcpPostgres extends pulumi.ComponentResource {
  /** Ranges that the database's address is in. */
  public readonly cidrs: string[];
  /** Id of the secret in Secret Manager with all of the connection; its keys are those of consumers' Secrets. */
  public readonly credentialsId: pulumi.Output<string>;
  /** Name of the database. */
  public readonly database: pulumi.Output<string>;
  /** Id of the key. */
  public readonly encryptionKeyId: pulumi.Output<string>;
  /** Host that is called. */
  public readonly host: pulumi.Output<string>;
  /** Name of the instance in Google Cloud: the argument of that name, and digits. */
  public readonly instanceName: pulumi.Output<string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** True: Cloud SQL's authorities are no public ones. */
  public readonly privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: GcpPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:GcpPostgres", name, args, opts);
    const plan = requirePlan("GcpPostgres", name, planGcpPostgres(name, args));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);
    fixMode(this, name, "GcpPostgres", DataStoreMode.Managed);

    // What the instance stands on stays with it: the key and the way to a database that is kept.
    const options = { parent: this, ...dataGuard(plan.deletionProtection) };
    const key = createGcpKey(plan, "sql", options);
    const password = createPassword(name, options);
    const suffix = createSuffix(name, options, keepersOf(plan));
    const { instance, ready } = createInstance(plan, { key, password, suffix }, options);
    const endpoint = createEndpoint(plan, instance, options);
    const rules = createGcpClients(plan, endpoint.address, POSTGRES_PORT, options);
    const host = after(endpoint.host, [...ready, ...endpoint.ready, ...rules]);
    const login = loginOf(plan, instance, host, password);

    this.cidrs = plan.networkCidrs;
    this.credentialsId = createGcpCredentials(plan, key, login, options);
    this.database = pulumi.output(plan.database);
    this.encryptionKeyId = key.id;
    this.host = host;
    this.instanceName = instance.name;
    this.port = pulumi.output(POSTGRES_PORT);
    this.privateAuthority = true;
    this.secretNames = createSecrets(this, { name, app: "postgres" }, plan.consumers, login);
    this.registerOutputs({
      cidrs: this.cidrs,
      credentialsId: this.credentialsId,
      database: this.database,
      encryptionKeyId: this.encryptionKeyId,
      host: this.host,
      instanceName: this.instanceName,
      port: this.port,
      privateAuthority: this.privateAuthority,
      secretNames: this.secretNames,
    });
  }
}

/** A change of these replaces the instance, whose name stays taken for a week. */
function keepersOf({ encryptionKey = "", region }: GcpPostgresPlan) {
  return { encryptionKey, region };
}

function loginOf(
  { database, username }: GcpPostgresPlan,
  { serverCaCerts }: DatabaseInstance,
  host: pulumi.Output<string>,
  password: pulumi.Output<string>,
): DataStoreLogin {
  return {
    host,
    port: POSTGRES_PORT,
    username,
    password,
    database,
    uri: (address) => postgresUri({ ...address, database }),
    // While one authority follows another, both are told.
    caCertificate: serverCaCerts.apply((certificates) =>
      certificates.map(({ cert }) => cert.trim()).join("\n"),
    ),
  };
}
