import * as pulumi from "@pulumi/pulumi";
import { externalStore, secretsOf, type Store } from "../data-store/external-store";
import { DataStoreMode, fixMode } from "../data-store/mode";
import { createStoreSecret, type DataStoreLogin } from "../data-store/secrets";
import { postgresUri } from "../data-store/uris";
import { dataGuard } from "../shared/data-guard";
import { ANYWHERE } from "../shared/network-peers";
import { requirePlan } from "../shared/require-plan";
import type { PostgresArgs } from "./args";
import { createInstances } from "./instances";
import { type InstancesPlan, planPostgres, type PostgresPlan } from "./plan";
import { CLUSTER_LABEL, POSTGRES_APP, POSTGRES_PORT } from "./ports";

/**
 * A Postgres for the fabric's services: instances of our own in the cluster, run by CloudNativePG, or a database that
 * somebody else runs.
 *
 * Creates, under its logical name `NAME`: the owner's password `NAME-password` in the Secret `NAME-owner`; the authority of
 * the servers' certificates, `NAME-ca-key` and `NAME-ca`, in the Secret `NAME-server-ca`, or with an `issuer` the Certificate
 * `NAME-server-tls`; the Cluster `NAME` with its NetworkPolicy, of which the operator makes pods, volumes, Services
 * `NAME-rw`, `NAME-ro` and `NAME-r`, and a PodDisruptionBudget; with `backups` the ObjectStore `NAME-backups` and the
 * ScheduledBackup `NAME-schedule`; with `recovery` from another place the ObjectStore `NAME-recovery`; for each consumer a
 * Secret `NAME-CONSUMER`; and `NAME-mode`, which holds against a change of who runs the database. With `external` it creates
 * the consumers' Secrets and `NAME-mode` alone.
 *
 * Every connection is TLS, the superuser has no password, and with three instances each write is on two of them before it is
 * confirmed. It costs two volumes an instance; by default three instances with 500m CPU and 1 GiB each.
 *
 * ```typescript
 * const postgres = new Postgres("fabric-postgres", {
 *   namespace: "services", image: "ghcr.io/cloudnative-pg/postgresql:17.6@sha256:...",
 *   backups: { store: { cloud: BackupCloud.S3, path: "s3://backups/fabric" }, workloadIdentity: role.arn },
 *   consumers: [{ name: "gateway", namespace: "services" }],
 * });
 * new ApiGateway("gateway", { postgres: dataStoreRef(postgres, "gateway"), ... });
 * ```
 *
 * - The operator, 1.28 or newer, and for backups the Barman Cloud plugin must run in the cluster before: without their
 *   custom resource definitions an update fails with "no matches for kind".
 * - The operator deletes volumes with their Cluster. The third layer of the guard is therefore outside: the backups, and a
 *   StorageClass with the reclaim policy `Retain`.
 * - All consumers log in as the database's owner, to the instance that takes writes.
 */
export class Postgres extends pulumi.ComponentResource {
  /** Addresses of an external database; none of one in the cluster. */
  public readonly cidrs?: string[];
  /** Name of the database. */
  public readonly database: pulumi.Output<string>;
  /** Host that is called; in the cluster it leads to the instance that takes writes. */
  public readonly host: pulumi.Output<string>;
  /** Namespace of the instances; none of an external database. */
  public readonly namespace?: pulumi.Output<string>;
  /** Labels of the instances' pods; none of an external database. */
  public readonly podLabels?: Record<string, string>;
  /** Port that is called. */
  public readonly port: pulumi.Output<number>;
  /** True where the consumers' Secrets hold `ca.crt`. */
  public readonly privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer; known once the database answers. */
  public readonly secretNames: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:Postgres", name, args, opts);
    const plan = requirePlan("Postgres", name, planPostgres(name, args));
    const { external, own } = plan;
    const mode = external === undefined ? DataStoreMode.InCluster : DataStoreMode.External;
    fixMode(this, name, "Postgres", mode);

    if (own !== undefined) {
      this.namespace = pulumi.output(plan.namespace);
      this.podLabels = { [CLUSTER_LABEL]: own.names.cluster };
    }
    if (external !== undefined) this.cidrs = external.cidrs ?? [...ANYWHERE];
    const store =
      own === undefined
        ? externalStore(this, plan, POSTGRES_APP, external, {
            ...loginOf(external?.database ?? ""),
            port: external?.port ?? POSTGRES_PORT,
          })
        : createOwnStore(this, plan, own);
    this.database = pulumi.output(own?.database ?? external?.database ?? "");
    this.host = store.host;
    this.port = pulumi.output(external?.port ?? POSTGRES_PORT);
    this.privateAuthority = store.privateAuthority;
    this.secretNames = store.secretNames;
    this.registerOutputs({
      cidrs: this.cidrs,
      database: this.database,
      host: this.host,
      namespace: this.namespace,
      podLabels: this.podLabels,
      port: this.port,
      privateAuthority: this.privateAuthority,
      secretNames: this.secretNames,
    });
  }
}

function createOwnStore(parent: Postgres, plan: PostgresPlan, own: InstancesPlan): Store {
  const guard = dataGuard(plan.deletionProtection);
  const { caCertificate, cluster, password } = createInstances(parent, plan, own, guard);
  const host = pulumi.interpolate`${own.names.service}.${plan.namespace}.svc`;
  const { database, username } = own;
  const login = {
    ...loginOf(database),
    host,
    port: POSTGRES_PORT,
    username,
    password,
    caCertificate,
  };
  const store = { name: plan.name, app: POSTGRES_APP };
  const secretNames = secretsOf(plan.consumers, (consumer) =>
    createStoreSecret(parent, store, consumer, login, { dependsOn: cluster }),
  );
  return { host, privateAuthority: true, secretNames };
}

function loginOf(database: string): Pick<DataStoreLogin, "database" | "uri"> {
  return { database, uri: (address) => postgresUri({ ...address, database }) };
}
