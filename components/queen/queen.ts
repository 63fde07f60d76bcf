import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as schedulingv1 from "@pulumi/kubernetes/scheduling/v1";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../shared/data-guard";
import { objectLabels } from "../shared/labels";
import { requirePlan } from "../shared/require-plan";
import type { QueenArgs } from "./args";
import { createGeneratedKeys, type QueenIdentity, type QueenKeys } from "./certificates";
import { createIssuedKeys } from "./issued-keys";
import { queenMetadata } from "./metadata";
import { planQueen, type QueenPlan } from "./plan";
import { QUEEN_APP } from "./ports";
import { queenPod } from "./pod";
import { createPolicy } from "./policies";
import { AUTHORITY_FILE } from "./proxy";
import { serverName } from "./server-names";
import { balancerHost, createServices, QUEEN_PATIENCE } from "./services";

/**
 * The fabric's primary: one virtual machine on a proven KVM node that serves `/srv` over 9P, through TLS in which both
 * ends show certificates. Workers and gateways see one listener of the guest, uploaders another. Restarts and the loss
 * of a node keep what the guest has on its disk. See docs/queen.md.
 *
 * Creates, under its logical name `NAME`: keys and certificates (`NAME-ca-key`, `NAME-ca`, `NAME-server-key`,
 * `NAME-server`, for each consumer `NAME-CONSUMER-client-key` and `NAME-CONSUMER-client`), or cert-manager's Certificates
 * of the same Secrets; the Secret `NAME-tls` and one a consumer, `NAME-CONSUMER-tls`; the ConfigMap `NAME-ca`; the volume
 * `NAME-srv`; the StatefulSet, ServiceAccount, PriorityClass, NetworkPolicy and Service `NAME`; the Service `NAME-uploads`,
 * and with `loadBalancer` the Service `NAME-uploads-balancer`. It costs one volume, what the guest takes of a KVM node, and
 * the load balancer.
 *
 * ```typescript
 * const queen = new Queen("queen", {
 *   assetSet: provisioner.assetSet, namespace: "fabric-agents", image, proxyImage,
 *   consumers: [{ name: "workers", namespace: "fabric-agents", role: QueenRole.Worker }],
 * });
 * new WorkerDaemonSet("workers", { queen: queenRef(queen, "workers"), queenProxyImage: proxyImage, ... });
 * ```
 *
 * Not for more than one: a second guest with the same disk would destroy it.
 */
export class Queen extends pulumi.ComponentResource {
  /** Certificates (PEM) of the authorities that Queen's own certificate may be signed by. */
  public readonly caCertificate: pulumi.Output<string>;
  /** Names of the consumers' Secrets by the name of the consumer. */
  public readonly clientSecretNames: pulumi.Output<Record<string, string>>;
  /** What each consumer may do, by its name. */
  public readonly consumerRoles: Record<string, string>;
  /** The host that workers and gateways call, in the cluster. */
  public readonly host: pulumi.Output<string>;
  /**
   * Certificate and key of each consumer by its name, for consumers outside the cluster; secret. None with cert-manager,
   * which keeps them in the Secrets alone.
   */
  public readonly identities?: pulumi.Output<Record<string, QueenIdentityValue>>;
  /** Namespace of Queen's pod. */
  public readonly namespace: pulumi.Output<string>;
  /** Labels of Queen's pod. */
  public readonly podLabels: Record<string, string>;
  /** The name in Queen's certificate. */
  public readonly serverName: pulumi.Output<string>;
  /** The host that uploaders outside the cluster call; none without `loadBalancer`. */
  public readonly uploadsHost?: pulumi.Output<string>;
  /** The host that uploaders in the cluster call. */
  public readonly uploadsServiceHost: pulumi.Output<string>;

  constructor(name: string, args: QueenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:Queen", name, args, opts);
    const plan = requirePlan("Queen", name, planQueen(name, args));

    const keys = createKeys(this, plan);
    const services = createServices(this, plan);
    createPolicy(this, plan);
    const statefulSet = createStatefulSet(this, plan, keys, services.fabric);

    this.caCertificate = keys.authorities;
    this.clientSecretNames = pulumi.output(keys.secretNames);
    this.consumerRoles = Object.fromEntries(plan.consumers.map((one) => [one.name, one.role]));
    this.host = serviceHost(services.fabric);
    if (keys.identities !== undefined) this.identities = identitiesOf(keys.identities);
    this.namespace = statefulSet.metadata.namespace;
    this.podLabels = plan.podLabels;
    this.serverName = serverName(plan);
    if (services.balancer !== undefined) this.uploadsHost = balancerHost(services.balancer);
    this.uploadsServiceHost = serviceHost(services.uploads);
    this.registerOutputs({
      caCertificate: this.caCertificate,
      clientSecretNames: this.clientSecretNames,
      consumerRoles: this.consumerRoles,
      host: this.host,
      identities: this.identities,
      namespace: this.namespace,
      podLabels: this.podLabels,
      serverName: this.serverName,
      uploadsHost: this.uploadsHost,
      uploadsServiceHost: this.uploadsServiceHost,
    });
  }
}

/** The certificate and key of one consumer. */
export interface QueenIdentityValue {
  /** The certificate (PEM). */
  certificate: string;
  /** The key (PEM). */
  key: string;
}

function createKeys(parent: Queen, plan: QueenPlan): QueenKeys {
  return plan.issuer === undefined
    ? createGeneratedKeys(parent, plan)
    : createIssuedKeys(parent, plan, plan.issuer);
}

function identitiesOf(
  identities: Record<string, QueenIdentity>,
): pulumi.Output<Record<string, QueenIdentityValue>> {
  return pulumi.secret(pulumi.output(identities));
}

function serviceHost({ metadata }: corev1.Service): pulumi.Output<string> {
  return pulumi.interpolate`${metadata.name}.${metadata.namespace}.svc`;
}

function createStatefulSet(
  parent: Queen,
  plan: QueenPlan,
  keys: QueenKeys,
  service: corev1.Service,
): appsv1.StatefulSet {
  const { name, names, podLabels } = plan;
  const volume = createVolume(parent, plan);
  const spec = queenPod(plan, {
    authority: createAuthorities(parent, plan, keys),
    tls: keys.serverSecretName,
    volume: volume.metadata.name,
  });
  const before = [createAccount(parent, plan), ...createPriorityClass(parent, plan)];
  return new appsv1.StatefulSet(
    name,
    {
      metadata: queenMetadata(plan, names.queen),
      spec: {
        serviceName: names.queen,
        replicas: 1,
        updateStrategy: { type: "RollingUpdate" },
        revisionHistoryLimit: 5,
        selector: { matchLabels: podLabels },
        template: { metadata: { labels: objectLabels(QUEEN_APP, names.queen) }, spec },
      },
    },
    {
      parent,
      dependsOn: [...before, service],
      // Without its volume it holds nothing, so it has the volume's guard, but is not kept.
      protect: plan.deletionProtection,
      customTimeouts: QUEEN_PATIENCE,
    },
  );
}

/** The certificates that her proxies trust; answers with the name of their ConfigMap. */
function createAuthorities(
  parent: Queen,
  plan: QueenPlan,
  { authorities }: QueenKeys,
): pulumi.Output<string> {
  const { metadata } = new corev1.ConfigMap(
    `${plan.name}-ca`,
    {
      metadata: queenMetadata(plan, plan.names.authority),
      data: { [AUTHORITY_FILE]: authorities },
    },
    { parent },
  );
  return metadata.name;
}

function createAccount(parent: Queen, plan: QueenPlan): corev1.ServiceAccount {
  const metadata = queenMetadata(plan, plan.names.queen);
  return new corev1.ServiceAccount(
    plan.name,
    { metadata, automountServiceAccountToken: false },
    { parent },
  );
}

/** A claim of its own, and no template of the StatefulSet's: that one could never grow. */
function createVolume(parent: Queen, plan: QueenPlan): corev1.PersistentVolumeClaim {
  const { deletionProtection, storageClass, storageGib } = plan;
  return new corev1.PersistentVolumeClaim(
    `${plan.name}-srv`,
    {
      metadata: {
        ...queenMetadata(plan, plan.names.volume),
        // Many storage classes bind a claim to its first pod only.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
        resources: { requests: { storage: `${storageGib}Gi` } },
      },
    },
    { parent, ...dataGuard(deletionProtection) },
  );
}

/** Above the workers', which would otherwise push her off a node that is full. */
function createPriorityClass(parent: Queen, plan: QueenPlan): schedulingv1.PriorityClass[] {
  if (!plan.ownPriorityClass) return [];
  const { labels, name } = queenMetadata(plan, plan.names.queen);
  return [
    new schedulingv1.PriorityClass(
      plan.name,
      {
        metadata: { name, labels },
        value: 1_000_100,
        globalDefault: false,
        preemptionPolicy: "PreemptLowerPriority",
        description: "The fabric's primary",
      },
      { parent },
    ),
  ];
}
