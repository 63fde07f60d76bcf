import * as pulumi from "@pulumi/pulumi";
import { externalStore, secretsOf, type Store } from "../data-store/external-store";
import { DataStoreMode, fixMode } from "../data-store/mode";
import { createStoreSecret } from "../data-store/secrets";
import { redisUri } from "../data-store/uris";
import { dataGuard } from "../shared/data-guard";
import { selectorLabels } from "../shared/labels";
import { ANYWHERE } from "../shared/network-peers";
import { requirePlan } from "../shared/require-plan";
import type { RedisArgs } from "./args";
import { createKeys } from "./keys";
import { planRedis, type RedisPlan, type RedisServerPlan } from "./plan";
import { REDIS_APP, REDIS_PORT } from "./ports";
import { createServer } from "./server";

/**
 * A Redis for the fabric's services: a Valkey server of our own in the cluster, or a store that somebody else runs.
 *
 * Creates, under its logical name `NAME`: passwords of the users (`NAME-USER-login`) in the Secret `NAME-users`; with the
 * generated authority `NAME-ca-key`, `NAME-ca`, `NAME-server-key` and `NAME-server`, the Secret `NAME-tls`, which an
 * `issuer` writes instead; the StatefulSet `NAME` with its volume, ServiceAccount, ConfigMap `NAME-config`, Service,
 * PodDisruptionBudget and NetworkPolicy; for each consumer a Secret `NAME-CONSUMER`; and `NAME-mode`, which holds against a
 * change of who runs the store. With `external` it creates the consumers' Secrets and `NAME-mode` alone.
 *
 * Every connection is TLS, every consumer has a user of its own, and the user that needs no name is off. Each write is on
 * the volume within a second. It costs one volume and, by default, 100m CPU and 576 MiB.
 *
 * ```typescript
 * const redis = new Redis("fabric-redis", {
 *   namespace: "services", image: "docker.io/valkey/valkey:8.1.4@sha256:...",
 *   consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { redis: dataStoreRef(redis, "gateway"), ... });
 * ```
 *
 * - One server: while its pod is moved it is away for seconds, on the loss of a node until its volume is free. Who cannot
 *   wait takes a managed one.
 * - A new consumer, a new password and a renewed certificate are read by the running server, within two minutes.
 * - A change of `storageGib` or `storageClass` replaces the StatefulSet, which `deletionProtection` refuses.
 */
export class Redis extends pulumi.ComponentResource {
  /** Addresses of an external store; none of one in the cluster. */
  public readonly cidrs?: string[];
  /** Host that is called. */
  public readonly host: pulumi.Output<string>;
  /** Namespace of the server's pod; none of an external store. */
  public readonly namespace?: pulumi.Output<string>;
  /** Labels of the server's pod; none of an external store. */
  public readonly podLabels?: Record<string, string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** True where the consumers' Secrets hold `ca.crt`. */
  public readonly privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer; known once the server answers. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:Redis", name, args, opts);
    const plan = requirePlan("Redis", name, planRedis(name, args));
    const { external, server } = plan;
    const mode = external === undefined ? DataStoreMode.InCluster : DataStoreMode.External;
    fixMode(this, name, "Redis", mode);

    if (server !== undefined) {
      this.namespace = pulumi.output(plan.namespace);
      this.podLabels = selectorLabels(REDIS_APP, name);
    }
    if (external !== undefined) this.cidrs = external.cidrs ?? [...ANYWHERE];
    const store =
      server === undefined
        ? externalStore(this, plan, REDIS_APP, external, {
            port: external?.port ?? REDIS_PORT,
            uri: redisUri,
          })
        : createOwnStore(this, plan, server);
    this.host = store.host;
    this.port = pulumi.output(external?.port ?? REDIS_PORT);
    this.privateAuthority = store.privateAuthority;
    this.secretNames = store.secretNames;
    this.registerOutputs({
      cidrs: this.cidrs,
      host: this.host,
      namespace: this.namespace,
      podLabels: this.podLabels,
      port: this.port,
      privateAuthority: this.privateAuthority,
      secretNames: this.secretNames,
    });
  }
}

function createOwnStore(parent: Redis, plan: RedisPlan, server: RedisServerPlan): Store {
  const guard = dataGuard(plan.deletionProtection);
  const keys = createKeys(parent, plan, server, guard);
  const statefulSet = createServer(parent, plan, server, keys, guard);
  const host = pulumi.interpolate`${server.names.server}.${plan.namespace}.svc`;
  const secretNames = secretsOf(plan.consumers, (consumer) =>
    createStoreSecret(
      parent,
      { name: plan.name, app: REDIS_APP },
      consumer,
      {
        host,
        port: REDIS_PORT,
        username: consumer.name,
        password: keys.passwords[consumer.name] ?? "",
        uri: redisUri,
        caCertificate: keys.caCertificate,
      },
      { dependsOn: statefulSet },
    ),
  );
  return { host, privateAuthority: true, secretNames };
}
