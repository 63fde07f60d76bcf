import { Database } from "@pulumi/azure-native/redisenterprise/database";
import { listDatabaseKeysOutput } from "@pulumi/azure-native/redisenterprise/listDatabaseKeys";
import { RedisEnterprise } from "@pulumi/azure-native/redisenterprise/redisEnterprise";
import * as pulumi from "@pulumi/pulumi";
import { createAzureEndpoint } from "../../data-store/managed/azure-endpoint";
import { createAzureLock, createAzureLogs } from "../../data-store/managed/azure-guard";
import {
  type AzureStoreKey,
  createAzureCredentials,
  createAzureKey,
} from "../../data-store/managed/azure-vault";
import { createSuffix } from "../../data-store/managed/identifiers";
import { createSecrets } from "../../data-store/managed/secrets";
import { DataStoreMode, fixMode } from "../../data-store/mode";
import { redisUri } from "../../data-store/uris";
import { after } from "../../shared/after";
import { dataGuard } from "../../shared/data-guard";
import { requirePlan } from "../../shared/require-plan";
import type { AzureRedisArgs } from "./args";
import { type AzureRedisPlan, planAzureRedis } from "./plan";

/** The port of Azure Managed Redis, which it prescribes. */
const REDIS_PORT = 10_000;

/** The user that a password without a name is of. */
const DEFAULT_USER = "default";

/**
 * A Redis that Azure runs: Azure Managed Redis, private, encrypted, in two zones.
 *
 * Creates, under its logical name `NAME`: the digits `NAME-suffix` of names that are unique over Azure; unless they are
 * given the Key Vault `NAME-vault` with the key `NAME-key`; the identity `NAME-identity` with its grant `NAME-key-user`; the
 * cluster `NAME` with `NAME-database`; in the network, with `subnetCidr`, the subnet `NAME-subnet` with its security group
 * `NAME-clients`, the private endpoint `NAME-endpoint` and, unless one is given, the private DNS zone `NAME-zone`; unless
 * one is given the workspace `NAME-logs`, and `NAME-diagnostics`; all of the connection in the vault as `NAME-credentials`,
 * for each consumer a Secret `NAME-CONSUMER`; with `deletionProtection` the lock `NAME-lock`; and `NAME-mode`, which holds
 * against a change of who runs the store.
 *
 * It costs its size (half without `highAvailability`), an endpoint, a zone, a vault, and logs by volume.
 *
 * ```typescript
 * const redis = new AzureRedis("fabric-redis", {
 *   network, subnetCidr: "10.0.240.16/28", allowedCidrs: ["10.0.0.0/20"],
 *   consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { redis: dataStoreRef(redis, "gateway"), ... });
 * ```
 *
 * - Connections without TLS are refused, and the server's certificate is of a public authority: consumers' Secrets hold no
 *   `ca.crt`. The port is 10000.
 * - Azure makes the password, its primary access key. Who renews it runs `pulumi up` next.
 * - AKS's pods call with the address of their node: `allowedCidrs` names the range of the nodes' subnet.
 * - Azure changes a network once at a time: give a second store of this kind `dependsOn` the first.
 * - Data is written to disk every second. There is no recovery to a point in time, nor a backup to keep: Azure offers an
 *   export by hand.
 * - Version, patches and their time are Azure's to choose.
 * - Only Azure's own services reach the vault: to read `NAME-credentials` there, give it a private endpoint.
 * - Whoever destroys it sets `deletionProtection` to false and runs `pulumi up` first.
 *
 * Not for modules, nor for geo-replication.
 */
export class AzureRedis extends pulumi.ComponentResource {
  /** Ranges that the store's address is in. */
  public readonly cidrs: string[];
  /** Id of the secret in Key Vault with all of the connection; its keys are those of consumers' Secrets. */
  public readonly credentialsId: pulumi.Output<string>;
  /** URI of the key. */
  public readonly encryptionKeyId: pulumi.Output<string>;
  /** Host that is called. */
  public readonly host: pulumi.Output<string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** False: the server's authority is a public one. */
  public readonly privateAuthority: boolean;
  /** Id of the private DNS zone, for a second Redis in the same network. */
  public readonly privateDnsZoneId: pulumi.Output<string>;
  /** Names of the Secrets by the name of the consumer. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;
  /** Id of the workspace with the logs. */
  public readonly workspaceId: pulumi.Output<string>;

  constructor(name: string, args: AzureRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AzureRedis", name, args, opts);
    const plan = requirePlan("AzureRedis", name, planAzureRedis(name, args));
    fixMode(this, name, "AzureRedis", DataStoreMode.Managed);

    // What the store stands on stays with it: the key and the way to data that is kept.
    const options = { parent: this, ...dataGuard(plan.deletionProtection) };
    const suffix = createSuffix(name, options);
    const key = createAzureKey(plan, suffix, options);
    const cluster = createCluster(plan, key, suffix, options);
    const database = createDatabase(plan, cluster, options);
    const endpoint = createAzureEndpoint(plan, targetOf(cluster.id, [database]), options);
    const host = after(cluster.hostName, endpoint.ready);
    const password = passwordOf(this, plan, cluster, database);
    const login = { host, port: REDIS_PORT, username: DEFAULT_USER, password, uri: redisUri };

    this.cidrs = plan.networkCidrs;
    this.credentialsId = createAzureCredentials(plan, key, login, options);
    this.encryptionKeyId = key.keyUri;
    this.host = host;
    this.port = pulumi.output(REDIS_PORT);
    this.privateAuthority = false;
    this.privateDnsZoneId = endpoint.privateDnsZoneId;
    this.secretNames = createSecrets(this, { name, app: "redis" }, plan.consumers, login);
    // Connections are the database's to log; metrics are the cluster's, in Azure Monitor without any setting.
    this.workspaceId = createAzureLogs(plan, { id: database.id, hasMetrics: false }, options);
    createAzureLock(this, plan, cluster.id, endpoint.ready);
    this.registerOutputs({
      cidrs: this.cidrs,
      credentialsId: this.credentialsId,
      encryptionKeyId: this.encryptionKeyId,
      host: this.host,
      port: this.port,
      privateAuthority: this.privateAuthority,
      privateDnsZoneId: this.privateDnsZoneId,
      secretNames: this.secretNames,
      workspaceId: this.workspaceId,
    });
  }
}

function createCluster(
  plan: AzureRedisPlan,
  { grant, identityId, keyUri }: AzureStoreKey,
  suffix: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): RedisEnterprise {
  const { highAvailability, instanceName, name, network, resourceGroupName, size, tags } = plan;
  return new RedisEnterprise(
    name,
    {
      clusterName: pulumi.interpolate`${instanceName}-${suffix}`,
      resourceGroupName,
      location: network.location,
      encryption: {
        customerManagedKeyEncryption: {
          keyEncryptionKeyIdentity: {
            identityType: "userAssignedIdentity",
            userAssignedIdentityResourceId: identityId,
          },
          keyEncryptionKeyUrl: keyUri,
        },
      },
      highAvailability: highAvailability ? "Enabled" : "Disabled",
      identity: { type: "UserAssigned", userAssignedIdentities: [identityId] },
      minimumTlsVersion: "1.2",
      publicNetworkAccess: "Disabled",
      sku: { name: size },
      tags,
    },
    // 45 minutes were not always enough: hashicorp/terraform-provider-azurerm#30932
    { ...options, dependsOn: [grant], customTimeouts: { create: "90m" } },
  );
}

/** Creates the database: one address for all of it, so that clients of the plain protocol need not know its shards. */
function createDatabase(
  { evictionPolicy, name, resourceGroupName }: AzureRedisPlan,
  cluster: RedisEnterprise,
  options: pulumi.CustomResourceOptions,
): Database {
  return new Database(
    `${name}-database`,
    {
      accessKeysAuthentication: "Enabled",
      clientProtocol: "Encrypted",
      clusterName: cluster.name,
      clusteringPolicy: "EnterpriseCluster",
      databaseName: "default",
      deferUpgrade: "NotDeferred",
      evictionPolicy,
      persistence: { aofEnabled: true, aofFrequency: "1s", rdbEnabled: false },
      port: REDIS_PORT,
      resourceGroupName,
    },
    options,
  );
}

/** Azure tells the key only when it is asked; it is secret from there on. */
function passwordOf(
  parent: pulumi.Resource,
  { resourceGroupName }: AzureRedisPlan,
  cluster: RedisEnterprise,
  database: Database,
): pulumi.Output<string> {
  const keys = listDatabaseKeysOutput(
    { clusterName: cluster.name, databaseName: database.name, resourceGroupName },
    { parent, dependsOn: [database] },
  );
  return pulumi.secret(keys.primaryKey);
}

/** Names of group and zone: https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
function targetOf(id: pulumi.Output<string>, before: pulumi.Resource[]) {
  const zoneName = "privatelink.redis.azure.net";
  return { id, groupId: "redisEnterprise", port: REDIS_PORT, zoneName, before };
}
