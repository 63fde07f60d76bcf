import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../shared/data-guard";
import { requirePlan } from "../shared/require-plan";
import { consumerPurpose } from "./acl";
import type { ConsulArgs } from "./args";
import { TOKEN_KEY } from "./consul-ref";
import { createAclJob, createSnapshots } from "./jobs";
import { createKeys, deriveToken, type Keys } from "./keys";
import { consulMetadata } from "./metadata";
import { type ConsulPlan, planConsul, type ServersPlan } from "./plan";
import { CONSUL_PORTS } from "./ports";
import { createServerFiles, createServers, createServices } from "./servers";

/**
 * The fabric's service discovery: Consul servers of our own, or somebody else's.
 *
 * Creates, under its logical name `NAME`: keys and certificates (`NAME-gossip-key`, `NAME-token-seed`,
 * `NAME-ca-key`, `NAME-ca`, `NAME-server-key`, `NAME-server`), the StatefulSet `NAME` with ServiceAccount,
 * Service, PodDisruptionBudget and the headless Service `NAME-servers`, what its pods read (`NAME-config`,
 * `NAME-ca`, `NAME-keys`, `NAME-tls`), the Job `NAME-acl` that makes policies and tokens, the CronJob
 * `NAME-snapshots` with its volume, and for each consumer a Secret `NAME-CONSUMER-token`. With `external`
 * it creates the consumers' Secrets alone.
 *
 * Every connection is TLS, gossip is encrypted and ACLs deny by default. It costs one volume a server and
 * one for snapshots; by default three servers with 200m CPU and 512 MiB each.
 *
 * ```typescript
 * const consul = new Consul("fabric-consul", {
 *   namespace: "consul", image: "docker.io/hashicorp/consul:2.0.2@sha256:...",
 *   consumers: [{ name: "workers", namespace: "fabric-nodes", role: ConsulRole.Worker }],
 * });
 * new WorkerDaemonSet("workers", { consul: consulRef(consul, "workers"), ... });
 * ```
 *
 * A key is rotated with `pulumi up --replace URN`, `deletionProtection` switched off before; Secrets, servers
 * (one by one), Job and consumers' Secrets follow in the same run. What is left to do by hand:
 *
 * - `NAME-token-seed`, all tokens: the next leader takes the new management token beside the old one, which
 *   `consul acl token delete` then takes back. Workers read their token when they start: restart them.
 * - `NAME-gossip-key`: servers keep their ring of keys in their volumes and read no other from then on. Run
 *   `consul keyring` in one of them with `-install NEW`, `-use NEW` and `-remove OLD`.
 * - `NAME-ca-key`: servers of the old and the new authority do not trust each other. Delete their pods at
 *   once as soon as `NAME-tls` is written, and restart the workers.
 * - `NAME-server-key`: nothing.
 *
 * Source: https://developer.hashicorp.com/consul/commands/keyring
 *
 * Not a service mesh: Connect, gRPC and the web interface are off. A change of `storageGib` or `storageClass`
 * replaces the StatefulSet, which `deletionProtection` refuses.
 */
export class Consul extends pulumi.ComponentResource {
  /** URL of the HTTP API. */
  public readonly address: pulumi.Output<string>;
  /** Certificate (PEM) of the authority that signed the servers' certificates. */
  public readonly caCertificate: pulumi.Output<string>;
  /** Name of the datacenter. */
  public readonly datacenter: pulumi.Output<string>;
  /** Names of the token Secrets by the name of the consumer; known once the tokens are valid. */
  public readonly tokenSecretNames: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: ConsulArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:Consul", name, args, opts);
    const plan = requirePlan("Consul", name, planConsul(name, args));

    const cluster = createCluster(this, plan);

    this.address = cluster.address;
    this.caCertificate = cluster.caCertificate;
    this.datacenter = pulumi.output(plan.datacenter);
    this.tokenSecretNames = createTokenSecrets(this, plan, cluster);
    this.registerOutputs({
      address: this.address,
      caCertificate: this.caCertificate,
      datacenter: this.datacenter,
      tokenSecretNames: this.tokenSecretNames,
    });
  }
}

/** What consumers need of a Consul, ours or not. */
interface Cluster {
  address: pulumi.Output<string>;
  caCertificate: pulumi.Output<string>;
  /** What must be there before a consumer's token is of use. */
  before: pulumi.Resource[];
  /** Undefined where the caller brings the tokens. */
  keys: Keys | undefined;
}

function createCluster(parent: Consul, plan: ConsulPlan): Cluster {
  if (plan.servers !== undefined) return createOwnCluster(parent, plan, plan.servers);
  return {
    address: pulumi.output(plan.external?.address ?? ""),
    caCertificate: pulumi.output(plan.external?.caCertificate ?? ""),
    before: [],
    keys: undefined,
  };
}

function createOwnCluster(parent: Consul, plan: ConsulPlan, servers: ServersPlan): Cluster {
  const guard = dataGuard(plan.deletionProtection);
  const keys = createKeys(parent, plan, servers.names, guard);
  const files = createServerFiles(parent, plan, servers, keys, guard);
  const { api, headless } = createServices(parent, plan, servers);
  const statefulSet = createServers(parent, plan, servers, keys, {
    ...guard,
    dependsOn: [...files, headless],
  });
  const aclJob = createAclJob(parent, plan, servers, keys, [statefulSet, api]);
  createSnapshots(parent, plan, servers, keys, aclJob, guard);
  const { metadata } = api;
  return {
    address: pulumi.interpolate`https://${metadata.name}.${metadata.namespace}.svc:${CONSUL_PORTS.https}`,
    caCertificate: keys.caCertificate,
    before: [aclJob],
    keys,
  };
}

/** Writes each consumer's token into its namespace, once Consul knows the token. */
function createTokenSecrets(
  parent: Consul,
  { name, consumers }: ConsulPlan,
  { before, keys }: Cluster,
): Record<string, pulumi.Output<string>> {
  const names = consumers.map((consumer) => {
    const token =
      keys === undefined
        ? pulumi.secret(consumer.token ?? "")
        : deriveToken(keys, consumerPurpose(consumer.name));
    const secret = new corev1.Secret(
      `${name}-${consumer.name}-token`,
      {
        metadata: consulMetadata(name, consumer.secretName, consumer.namespace),
        type: "Opaque",
        stringData: { [TOKEN_KEY]: token },
      },
      { parent, dependsOn: before },
    );
    return [consumer.name, secret.metadata.name] as const;
  });
  return Object.fromEntries(names);
}
