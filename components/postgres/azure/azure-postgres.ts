import * as pulumi from "@pulumi/pulumi";
import { createAzureEndpoint } from "../../data-store/managed/azure-endpoint";
import { createAzureLock, createAzureLogs } from "../../data-store/managed/azure-guard";
import { createAzureCredentials, createAzureKey } from "../../data-store/managed/azure-vault";
import { createSuffix } from "../../data-store/managed/identifiers";
import { createPassword } from "../../data-store/managed/password";
import { createSecrets } from "../../data-store/managed/secrets";
import { DataStoreMode, fixMode } from "../../data-store/mode";
import type { DataStoreLogin } from "../../data-store/secrets";
import { postgresUri } from "../../data-store/uris";
import { after } from "../../shared/after";
import { dataGuard } from "../../shared/data-guard";
import { requirePlan } from "../../shared/require-plan";
import type { AzurePostgresArgs } from "./args";
import { type AzurePostgresPlan, planAzurePostgres } from "./plan";
import { createParts, createServer } from "./server";

/** The port of Postgres. */
const POSTGRES_PORT = 5432;

/**
 * A Postgres that Azure runs: Flexible Server, private, encrypted, in two zones.
 *
 * Creates, under its logical name `NAME`: the digits `NAME-suffix` of names that are unique over Azure; unless they are
 * given the Key Vault `NAME-vault` with the key `NAME-key`; the identity `NAME-identity` with its grant `NAME-key-user`; the
 * server `NAME` with a `NAME-PARAMETER` for each parameter and `NAME-database`; in the network, with `subnetCidr`, the
 * subnet `NAME-subnet` with its security group `NAME-clients`, the private endpoint `NAME-endpoint` and, unless one is
 * given, the private DNS zone `NAME-zone`; unless one is given the workspace `NAME-logs`, and `NAME-diagnostics`; the
 * user's password `NAME-password`, all of the connection in the vault as `NAME-credentials`, for each consumer a Secret
 * `NAME-CONSUMER`; with `deletionProtection` the lock `NAME-lock`; and `NAME-mode`, which holds against a change of who runs
 * the database.
 *
 * It costs two servers (one without `highAvailability`) and their storage, an endpoint, a zone, a vault, and logs by volume.
 *
 * ```typescript
 * const postgres = new AzurePostgres("fabric-postgres", {
 *   network, version: "17", subnetCidr: "10.0.240.0/28", allowedCidrs: ["10.0.0.0/20"],
 *   consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { postgres: dataStoreRef(postgres, "gateway"), ... });
 * ```
 *
 * - TLS is forced, and the server's certificate is of a public authority: consumers' Secrets hold no `ca.crt`.
 * - AKS's pods call with the address of their node: `allowedCidrs` names the range of the nodes' subnet.
 * - Azure changes a network once at a time: give a second store of this kind `dependsOn` the first.
 * - The database can be brought back to any second of `backupRetentionDays`, into a new server.
 * - Who runs the program must be allowed to make role assignments and locks (`Owner`, or both administrators' roles).
 * - Whoever destroys it sets `deletionProtection` to false and runs `pulumi up` first. The vault's name stays taken for the
 *   days that it was made with, 90 or without the guard 7, which the suffix takes care of.
 * - Only Azure's own services reach the vault: to read `NAME-credentials` there, give it a private endpoint.
 * - Once the storage has grown by itself, the next change takes `pulumi up --refresh`.
 *
 * Not for read replicas, nor for logins by Entra.
 */
export class AzurePostgres extends pulumi.ComponentResource {
  /** Ranges that the database's address is in. */
  public readonly cidrs: string[];
  /** Id of the secret in Key Vault with all of the connection; its keys are those of consumers' Secrets. */
  public readonly credentialsId: pulumi.Output<string>;
  /** Name of the database. */
  public readonly database: pulumi.Output<string>;
  /** URI of the key. */
  public readonly encryptionKeyId: pulumi.Output<string>;
  /** Host that is called. */
  public readonly host: pulumi.Output<string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** False: the server's authority is a public one. */
  public readonly privateAuthority: boolean;
  /** Id of the private DNS zone, for a second database in the same network. */
  public readonly privateDnsZoneId: pulumi.Output<string>;
  /** Names of the Secrets by the name of the consumer. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;
  /** Resource id of the server. */
  public readonly serverId: pulumi.Output<string>;
  /** Id of the workspace with the logs. */
  public readonly workspaceId: pulumi.Output<string>;

  constructor(name: string, args: AzurePostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AzurePostgres", name, args, opts);
    const plan = requirePlan("AzurePostgres", name, planAzurePostgres(name, args));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);
    fixMode(this, name, "AzurePostgres", DataStoreMode.Managed);

    // What the server stands on stays with it: the key and the way to a database that is kept.
    const options = { parent: this, ...dataGuard(plan.deletionProtection) };
    const suffix = createSuffix(name, options);
    const key = createAzureKey(plan, suffix, options);
    const password = createPassword(name, options);
    const server = createServer(plan, { key, password, suffix }, options);
    const parts = createParts(plan, server, options);
    const endpoint = createAzureEndpoint(plan, targetOf(server.id, parts), options);
    const host = after(server.fullyQualifiedDomainName, endpoint.ready);
    const login = loginOf(plan, host, password);

    this.cidrs = plan.networkCidrs;
    this.credentialsId = createAzureCredentials(plan, key, login, options);
    this.database = pulumi.output(plan.database);
    this.encryptionKeyId = key.keyUri;
    this.host = host;
    this.port = pulumi.output(POSTGRES_PORT);
    this.privateAuthority = false;
    this.privateDnsZoneId = endpoint.privateDnsZoneId;
    this.secretNames = createSecrets(this, { name, app: "postgres" }, plan.consumers, login);
    this.serverId = server.id;
    this.workspaceId = createAzureLogs(plan, { id: server.id, hasMetrics: true }, options);
    createAzureLock(this, plan, server.id, endpoint.ready);
    this.registerOutputs({
      cidrs: this.cidrs,
      credentialsId: this.credentialsId,
      database: this.database,
      encryptionKeyId: this.encryptionKeyId,
      host: this.host,
      port: this.port,
      privateAuthority: this.privateAuthority,
      privateDnsZoneId: this.privateDnsZoneId,
      secretNames: this.secretNames,
      serverId: this.serverId,
      workspaceId: this.workspaceId,
    });
  }
}

/** Names of group and zone: https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
function targetOf(id: pulumi.Output<string>, before: pulumi.Resource[]) {
  const zoneName = "privatelink.postgres.database.azure.com";
  return { id, groupId: "postgresqlServer", port: POSTGRES_PORT, zoneName, before };
}

function loginOf(
  { database, username }: AzurePostgresPlan,
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
  };
}
