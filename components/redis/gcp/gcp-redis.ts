import { Instance } from "@pulumi/gcp/redis/instance";
import * as pulumi from "@pulumi/pulumi";
import { createGcpClients } from "../../data-store/managed/gcp-clients";
import {
  createGcpCredentials,
  createGcpKey,
  type GcpStoreKey,
} from "../../data-store/managed/gcp-store";
import { createSecrets } from "../../data-store/managed/secrets";
import { DataStoreMode, fixMode } from "../../data-store/mode";
import type { DataStoreLogin } from "../../data-store/secrets";
import { redisUri } from "../../data-store/uris";
import { after } from "../../shared/after";
import { dataGuard } from "../../shared/data-guard";
import { requirePlan } from "../../shared/require-plan";
import type { GcpRedisArgs } from "./args";
import { type GcpRedisPlan, planGcpRedis } from "./plan";

/** The user that a password without a name is of. */
const DEFAULT_USER = "default";

/**
 * A Redis that Google Cloud runs: Memorystore for Redis, private, encrypted, in two zones.
 *
 * Not Memorystore for Valkey: that one knows no password (its login is an access token of IAM that ends after an hour), so
 * no Secret could tell a consumer how to log in. Version 7.2 is the last that Redis published under a free licence.
 *
 * Creates, under its logical name `NAME`: unless one is given the key ring `NAME-keys` with the key `NAME-data`, and for
 * each of the services `redis` and `secrets` its agent `NAME-SERVICE-agent` with the grant `NAME-SERVICE-key-user`; the
 * instance `NAME`; the firewall rules `NAME-clients` and `NAME-others`; all of the connection in Secret Manager as
 * `NAME-credentials`, for each consumer a Secret `NAME-CONSUMER`; and `NAME-mode`, which holds against a change of who runs
 * the store.
 *
 * It costs the memory twice (once without `highAvailability`), a key and a secret.
 *
 * ```typescript
 * const redis = new GcpRedis("fabric-redis", {
 *   network, allowedCidrs: ["10.4.0.0/14"], consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { redis: dataStoreRef(redis, "gateway"), ... });
 * ```
 *
 * - The host is an address. Connections without TLS are refused; the authority's certificate is `ca.crt` of consumers'
 *   Secrets. Google changes it every five years: `pulumi up --refresh` brings the next one.
 * - Google makes the password. GKE's pods call from the range of pods: `allowedCidrs` names that one.
 * - There is no recovery to a point in time: snapshots, and the second copy.
 * - Google's own protection against deletion is the provider's: who deletes it elsewhere is not held back.
 * - Whoever destroys it sets `deletionProtection` to false and runs `pulumi up` first.
 *
 * It peers with the network directly: who comes by a VPN or a further peering does not reach it.
 */
export class GcpRedis extends pulumi.ComponentResource {
  /** Ranges that the store's address is in. */
  public readonly cidrs: string[];
  /** Id of the secret in Secret Manager with all of the connection; its keys are those of consumers' Secrets. */
  public readonly credentialsId: pulumi.Output<string>;
  /** Id of the key. */
  public readonly encryptionKeyId: pulumi.Output<string>;
  /** Address that is called. */
  public readonly host: pulumi.Output<string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** True: Memorystore's authorities are no public ones. */
  public readonly privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: GcpRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:GcpRedis", name, args, opts);
    const plan = requirePlan("GcpRedis", name, planGcpRedis(name, args));
    fixMode(this, name, "GcpRedis", DataStoreMode.Managed);

    // What the store stands on stays with it: the key of data that is kept.
    const options = { parent: this, ...dataGuard(plan.deletionProtection) };
    const key = createGcpKey(plan, "redis", options);
    const instance = createInstance(plan, key, options);
    const rules = createGcpClients(plan, instance.host, instance.port, options);
    const host = after(instance.host, rules);
    const login = loginOf(instance, host);

    this.cidrs = plan.networkCidrs;
    this.credentialsId = createGcpCredentials(plan, key, login, options);
    this.encryptionKeyId = key.id;
    this.host = host;
    this.port = instance.port;
    this.privateAuthority = true;
    this.secretNames = createSecrets(this, { name, app: "redis" }, plan.consumers, login);
    this.registerOutputs({
      cidrs: this.cidrs,
      credentialsId: this.credentialsId,
      encryptionKeyId: this.encryptionKeyId,
      host: this.host,
      port: this.port,
      privateAuthority: this.privateAuthority,
      secretNames: this.secretNames,
    });
  }
}

function createInstance(
  plan: GcpRedisPlan,
  key: GcpStoreKey,
  options: pulumi.CustomResourceOptions,
): Instance {
  const { day, hour } = plan.maintenanceWindow;
  const startTime = { hours: hour, minutes: 0, nanos: 0, seconds: 0 };
  return new Instance(
    plan.name,
    {
      name: plan.instanceName,
      authEnabled: true,
      authorizedNetwork: plan.networkId,
      connectMode: "DIRECT_PEERING",
      customerManagedKey: key.id,
      deletionProtection: plan.deletionProtection,
      labels: plan.labels,
      maintenancePolicy: { weeklyMaintenanceWindows: [{ day, startTime }] },
      memorySizeGb: plan.memoryGib,
      persistenceConfig: { persistenceMode: "RDB", rdbSnapshotPeriod: plan.snapshotPeriod },
      project: plan.project,
      redisConfigs: { "maxmemory-policy": plan.evictionPolicy },
      redisVersion: plan.version,
      region: plan.region,
      ...(plan.reservedCidr !== undefined && { reservedIpRange: plan.reservedCidr }),
      tier: plan.highAvailability ? "STANDARD_HA" : "BASIC",
      transitEncryptionMode: "SERVER_AUTHENTICATION",
    },
    { ...options, dependsOn: key.grants, additionalSecretOutputs: ["authString"] },
  );
}

function loginOf(instance: Instance, host: pulumi.Output<string>): DataStoreLogin {
  return {
    host,
    port: instance.port,
    username: DEFAULT_USER,
    password: instance.authString,
    uri: redisUri,
    // While one authority follows another, both are told.
    caCertificate: instance.serverCaCerts.apply((certificates) =>
      certificates.map(({ cert }) => cert.trim()).join("\n"),
    ),
  };
}
