import type * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { createAwsClients } from "../../data-store/managed/aws-clients";
import {
  createAwsCredentials,
  createAwsKey,
  createAwsLogGroups,
} from "../../data-store/managed/aws-store";
import { createPassword } from "../../data-store/managed/password";
import { createSecrets } from "../../data-store/managed/secrets";
import { DataStoreMode, fixMode } from "../../data-store/mode";
import type { DataStoreLogin } from "../../data-store/secrets";
import { postgresUri } from "../../data-store/uris";
import { dataGuard } from "../../shared/data-guard";
import { requirePlan } from "../../shared/require-plan";
import type { AwsPostgresArgs } from "./args";
import { createInstance, POSTGRES_PORT } from "./instance";
import { type AwsPostgresPlan, planAwsPostgres } from "./plan";

/**
 * A Postgres that AWS runs: Amazon RDS, private, encrypted, in two zones.
 *
 * Creates, under its logical name `NAME`: unless one is given the key `NAME-key` with alias and policy; the log groups
 * `NAME-log` and `NAME-upgrade-log`; the security group `NAME-clients` with a rule for each client;
 * `NAME-subnets`, `NAME-parameters` and the instance `NAME`; the user's password
 * `NAME-password`, all of the connection in Secrets Manager as `NAME-credentials`, for each consumer a Secret
 * `NAME-CONSUMER`; and `NAME-mode`, which holds against a change of who runs the database.
 *
 * It costs two instances (one without `highAvailability`) and their storage, a key, a secret, and logs by volume.
 *
 * ```typescript
 * const postgres = new AwsPostgres("fabric-postgres", {
 *   network, version: "17", allowedSecurityGroupIds: [cluster.clusterSecurityGroupId],
 *   consumers: [{ name: "gateway", namespace: "services" }], caCertificate: rdsBundle,
 * });
 * new ApiGateway("gateway", { postgres: dataStoreRef(postgres, "gateway"), ... });
 * ```
 *
 * - TLS is forced. RDS's authorities are no public ones: a client checks the server with `ca.crt` of its Secret.
 * - The database can be brought back to any second of `backupRetentionDays`, into a new instance.
 * - `version: "17"` leaves minor versions to RDS, in the maintenance window; `"17.6"` pins one. Changes of size and
 *   version wait for that window too, but without `deletionProtection` come at once. A major upgrade leaves the old parameter
 *   group behind, unless it comes at once.
 * - Whoever destroys it sets `deletionProtection` to false and runs `pulumi up` first; then neither final snapshot nor
 *   automated backups stay.
 *
 * Not for Aurora, nor for read replicas. Enhanced Monitoring, which wants a role of its own, is off.
 */
export class AwsPostgres extends pulumi.ComponentResource {
  /** Ranges that the database's addresses are in. */
  public readonly cidrs: string[];
  /** ARN of the secret in Secrets Manager with all of the connection; its keys are those of consumers' Secrets. */
  public readonly credentialsId: pulumi.Output<string>;
  /** Name of the database. */
  public readonly database: pulumi.Output<string>;
  /** ARN of the key. */
  public readonly encryptionKeyId: pulumi.Output<string>;
  /** Host that is called. */
  public readonly host: pulumi.Output<string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** True: RDS's authorities are no public ones. */
  public readonly privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;
  /** Id of the security group that lets clients in. */
  public readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: AwsPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AwsPostgres", name, args, opts);
    const plan = requirePlan("AwsPostgres", name, planAwsPostgres(name, args));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);
    fixMode(this, name, "AwsPostgres", DataStoreMode.Managed);

    // What the instance stands on stays with it: a key, subnets and clients of a database that is kept.
    const options = { parent: this, ...dataGuard(plan.deletionProtection) };
    const key = createAwsKey(plan, options);
    const logs = createAwsLogGroups(plan, key, options);
    const clients = createAwsClients(plan, plan.vpcId, POSTGRES_PORT, options);
    const password = createPassword(name, options);
    const parts = { keyArn: key.arn, password, securityGroupId: clients.id, before: logs };
    const instance = createInstance(plan, parts, options);
    const login = loginOf(plan, instance, password);

    this.cidrs = plan.networkCidrs;
    this.credentialsId = createAwsCredentials(plan, key, login, options);
    this.database = pulumi.output(plan.database);
    this.encryptionKeyId = key.arn;
    this.host = instance.address;
    this.port = instance.port;
    this.privateAuthority = true;
    this.secretNames = createSecrets(this, { name, app: "postgres" }, plan.consumers, login);
    this.securityGroupId = clients.id;
    this.registerOutputs({
      cidrs: this.cidrs,
      credentialsId: this.credentialsId,
      database: this.database,
      encryptionKeyId: this.encryptionKeyId,
      host: this.host,
      port: this.port,
      privateAuthority: this.privateAuthority,
      secretNames: this.secretNames,
      securityGroupId: this.securityGroupId,
    });
  }
}

function loginOf(
  { caCertificate, database, username }: AwsPostgresPlan,
  { address: host, port }: rds.Instance,
  password: pulumi.Output<string>,
): DataStoreLogin {
  return {
    host,
    port,
    username,
    password,
    database,
    uri: (address) => postgresUri({ ...address, database }),
    ...(caCertificate !== undefined && { caCertificate }),
  };
}
