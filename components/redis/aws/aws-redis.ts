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
import { redisUri } from "../../data-store/uris";
import { dataGuard } from "../../shared/data-guard";
import { requirePlan } from "../../shared/require-plan";
import type { AwsRedisArgs } from "./args";
import { createGroup, REDIS_PORT } from "./group";
import { planAwsRedis } from "./plan";

/** The user that a password without a name is of. */
const DEFAULT_USER = "default";

/**
 * A Redis that AWS runs: ElastiCache with Valkey, private, encrypted, in two zones.
 *
 * Creates, under its logical name `NAME`: unless one is given the key `NAME-key` with alias and policy; the log groups
 * `NAME-log` and `NAME-slow-log`; the security group `NAME-clients` with a rule for each client;
 * `NAME-subnets`, `NAME-parameters` and the replication group `NAME`; the password
 * `NAME-password`, all of the connection in Secrets Manager as `NAME-credentials`, for each consumer a Secret
 * `NAME-CONSUMER`; and `NAME-mode`, which holds against a change of who runs the store.
 *
 * It costs two nodes (one without `highAvailability`), a key, a secret, and logs and snapshots by volume.
 *
 * ```typescript
 * const redis = new AwsRedis("fabric-redis", {
 *   network, allowedSecurityGroupIds: [cluster.clusterSecurityGroupId],
 *   consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { redis: dataStoreRef(redis, "gateway"), ... });
 * ```
 *
 * - Connections without TLS are refused. The servers' authority is a public one: consumers' Secrets hold no `ca.crt`.
 * - There is no recovery to a point in time: a snapshot a day, and the second copy.
 * - ElastiCache has no protection against deletion of its own: `deletionProtection` is Pulumi's two layers, `protect` and
 *   `retainOnDelete`, and who deletes it elsewhere is not held back.
 * - Whoever destroys it sets `deletionProtection` to false and runs `pulumi up` first; no final snapshot is taken.
 * - Changes of size and version wait for the maintenance window; without `deletionProtection` they come at once.
 * - A new password is taken beside the old one, which ends with the next: replace `NAME-password` twice where one leaked.
 *
 * Not for cluster mode, several shards: clients of the plain protocol do not follow its redirections.
 */
export class AwsRedis extends pulumi.ComponentResource {
  /** Ranges that the store's addresses are in. */
  public readonly cidrs: string[];
  /** ARN of the secret in Secrets Manager with all of the connection; its keys are those of consumers' Secrets. */
  public readonly credentialsId: pulumi.Output<string>;
  /** ARN of the key. */
  public readonly encryptionKeyId: pulumi.Output<string>;
  /** Host that is called; it follows the primary. */
  public readonly host: pulumi.Output<string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** False: the servers' authority is a public one. */
  public readonly privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;
  /** Id of the security group that lets clients in. */
  public readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: AwsRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AwsRedis", name, args, opts);
    const plan = requirePlan("AwsRedis", name, planAwsRedis(name, args));
    fixMode(this, name, "AwsRedis", DataStoreMode.Managed);

    // What the store stands on stays with it: a key, subnets and clients of data that is kept.
    const options = { parent: this, ...dataGuard(plan.deletionProtection) };
    const key = createAwsKey(plan, options);
    const logs = createAwsLogGroups(plan, key, options);
    const clients = createAwsClients(plan, plan.vpcId, REDIS_PORT, options);
    const password = createPassword(name, options);
    const parts = { keyArn: key.arn, password, securityGroupId: clients.id, before: logs };
    const { primaryEndpointAddress: host } = createGroup(plan, parts, options);
    const login = { host, port: REDIS_PORT, username: DEFAULT_USER, password, uri: redisUri };

    this.cidrs = plan.networkCidrs;
    this.credentialsId = createAwsCredentials(plan, key, login, options);
    this.encryptionKeyId = key.arn;
    this.host = host;
    this.port = pulumi.output(REDIS_PORT);
    this.privateAuthority = false;
    this.secretNames = createSecrets(this, { name, app: "redis" }, plan.consumers, login);
    this.securityGroupId = clients.id;
    this.registerOutputs({
      cidrs: this.cidrs,
      credentialsId: this.credentialsId,
      encryptionKeyId: this.encryptionKeyId,
      host: this.host,
      port: this.port,
      privateAuthority: this.privateAuthority,
      secretNames: this.secretNames,
      securityGroupId: this.securityGroupId,
    });
  }
}
