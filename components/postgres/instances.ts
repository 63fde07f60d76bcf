import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createAuthority } from "../data-store/authority";
import { createServerCertificate } from "../data-store/issuer";
import { objectLabels } from "../shared/labels";
import { serviceNames } from "../shared/service-names";
import { clusterSpec, scheduledBackupSpec } from "./cluster-spec";
import { objectStoreSpec } from "./object-store-spec";
import type { InstancesPlan, PostgresPlan } from "./plan";
import { instancesPolicy } from "./policy";
import { POSTGRES_APP } from "./ports";

/** What consumers need of the instances. */
export interface Instances {
  caCertificate: pulumi.Output<string>;
  cluster: CustomResource;
  /** The owner's; secret. */
  password: pulumi.Output<string>;
}

/** The operator reads a Secret with this label again as soon as it changes. */
const RELOAD = { "cnpg.io/reload": "true" };

/** Makes what the operator makes instances of; the cluster is there once it is ready. */
export function createInstances(
  parent: pulumi.Resource,
  plan: PostgresPlan,
  own: InstancesPlan,
  guard: pulumi.CustomResourceOptions,
): Instances {
  const { name } = plan;
  const owner = createOwner(parent, plan, own, guard);
  const server = createServerAuthority(parent, plan, own, guard);
  const stores = createObjectStores(parent, plan, own);
  const policy = new networkingv1.NetworkPolicy(
    name,
    { metadata: metadataOf(plan, own.names.cluster), spec: instancesPolicy(plan, own) },
    { parent },
  );
  const cluster = new CustomResource(
    name,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: {
        ...metadataOf(plan, own.names.cluster),
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      },
      spec: clusterSpec(own),
    },
    {
      parent,
      ...guard,
      dependsOn: [owner.secret, ...server.before, ...stores, policy],
      // A first instance is initialised, then the others are copied from it, one by one.
      customTimeouts: { create: "30m", update: "60m" },
    },
  );
  createSchedule(parent, plan, own, cluster);
  return { caCertificate: server.caCertificate, cluster, password: owner.password };
}

function createOwner(
  parent: pulumi.Resource,
  plan: PostgresPlan,
  { names, username }: InstancesPlan,
  guard: pulumi.CustomResourceOptions,
) {
  const { result } = new random.RandomPassword(
    `${plan.name}-password`,
    { length: 40, special: false },
    { parent, ...guard },
  );
  const password = pulumi.secret(result);
  const secret = new corev1.Secret(
    `${plan.name}-owner`,
    {
      metadata: metadataOf(plan, names.owner, RELOAD),
      type: "kubernetes.io/basic-auth",
      stringData: { username, password },
    },
    { parent, ...guard },
  );
  return { password, secret };
}

/** The operator signs the server's certificate with our authority, or takes that of cert-manager. */
function createServerAuthority(
  parent: pulumi.Resource,
  plan: PostgresPlan,
  { issuer, names }: InstancesPlan,
  guard: pulumi.CustomResourceOptions,
): { before: pulumi.Resource[]; caCertificate: pulumi.Output<string> } {
  const { name } = plan;
  const authority = issuer === undefined ? createAuthority(parent, name, guard) : undefined;
  const caCertificate = authority?.certificate ?? pulumi.output(issuer?.caCertificate ?? "");
  const secret = new corev1.Secret(
    `${name}-server-ca`,
    {
      metadata: metadataOf(plan, names.serverCa, RELOAD),
      type: "Opaque",
      stringData: {
        "ca.crt": caCertificate,
        ...(authority !== undefined && { "ca.key": authority.key }),
      },
    },
    { parent, ...guard },
  );
  if (issuer === undefined) return { before: [secret], caCertificate };
  const certificate = createServerCertificate(parent, {
    name: `${name}-server-tls`,
    issuer,
    metadata: metadataOf(plan, names.serverTls),
    dnsNames: serverNames(plan),
    secretLabels: RELOAD,
  });
  return { before: [secret, certificate], caCertificate };
}

/** The operator's three Services: `rw` leads to the instance that takes writes, `ro` to the others, `r` to all. */
function serverNames({ name, namespace }: PostgresPlan): pulumi.Input<string>[] {
  return ["rw", "ro", "r"].flatMap((suffix) => serviceNames(`${name}-${suffix}`, namespace));
}

function createObjectStores(
  parent: pulumi.Resource,
  plan: PostgresPlan,
  { backups, names, recovery }: InstancesPlan,
): CustomResource[] {
  const create = (suffix: string, object: string, spec: object) =>
    new CustomResource(
      `${plan.name}-${suffix}`,
      {
        apiVersion: "barmancloud.cnpg.io/v1",
        kind: "ObjectStore",
        metadata: metadataOf(plan, object),
        spec,
      },
      { parent },
    );
  const { store } = recovery ?? {};
  return [
    ...(backups === undefined
      ? []
      : [create("backups", names.backups, objectStoreSpec(backups.store, backups.retention))]),
    ...(store === undefined ? [] : [create("recovery", names.recovery, objectStoreSpec(store))]),
  ];
}

function createSchedule(
  parent: pulumi.Resource,
  plan: PostgresPlan,
  { backups, names }: InstancesPlan,
  cluster: CustomResource,
): void {
  if (backups === undefined) return;
  new CustomResource(
    `${plan.name}-schedule`,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "ScheduledBackup",
      metadata: metadataOf(plan, names.cluster),
      spec: scheduledBackupSpec(names.cluster, backups.schedule),
    },
    { parent, dependsOn: cluster },
  );
}

/** The metadata of an object of an instance. */
function metadataOf({ name, namespace }: PostgresPlan, object: string, more = {}) {
  return { name: object, namespace, labels: { ...objectLabels(POSTGRES_APP, name), ...more } };
}
