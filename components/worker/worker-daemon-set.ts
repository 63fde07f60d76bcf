import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as policyv1 from "@pulumi/kubernetes/policy/v1";
import * as schedulingv1 from "@pulumi/kubernetes/scheduling/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels, selectorLabels } from "../shared/labels";
import { objectName } from "../shared/names";
import { requirePlan } from "../shared/require-plan";
import type { WorkerDaemonSetArgs } from "./args";
import { CONSUL_CA_FILE } from "../consul/client-environment";
import { planWorker, type WorkerPlan } from "./plan";
import { workerAnnotations, workerPod } from "./pod";
import { WORKER_APP } from "./ports";
import { createQueenAccess } from "./queen-access";
import { SECCOMP_FILE } from "./seccomp";

/**
 * The workers of the fabric: one pod on each KVM node that the node provisioner has proven for the asset
 * set. Before a worker starts, `hold` takes hold of its asset set for as long as the pod lives, `verify-host` opens
 * `/dev/kvm` and compares every asset with the manifest, and `network` cuts the guests off from the node's identity.
 * Before it ends, guests have the grace period to end themselves. See docs/worker.md.
 *
 * Creates, under its logical name `NAME`: the ServiceAccount `NAME` (no token is mounted), the DaemonSet
 * `NAME`, the PriorityClass `NAME` unless one is given, with Consul the ConfigMap `NAME-consul-ca`, with
 * `Isolation.Jailer` the ConfigMap `NAME-seccomp`, with `queen` the ConfigMap `NAME-queen-ca` and the NetworkPolicy
 * `NAME-queen`, with `minAvailable` the PodDisruptionBudget `NAME`. It costs what `resources` keeps free on every KVM node.
 *
 * ```typescript
 * const provisioner = new NodeProvisioner("provisioner", { ... });
 * new WorkerDaemonSet("workers", {
 *   assetSet: provisioner.assetSet, namespace: "fabric-nodes", image: "registry/worker@sha256:...",
 *   consul: consulRef(consul, "workers"),
 * });
 * ```
 *
 * Rollouts take down `maxUnavailable` workers at a time. A drain passes DaemonSet pods by, and autoscalers
 * evict them last; `minAvailable` guards against the eviction API where that matters.
 * Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 *
 * Not for short jobs that come and go: their pods ask for `DOMAIN/kvm` themselves.
 */
export class WorkerDaemonSet extends pulumi.ComponentResource {
  /** Name of the DaemonSet. */
  public readonly daemonSetName: pulumi.Output<string>;
  /** Namespace of the workers. */
  public readonly namespace: pulumi.Output<string>;
  /** Labels that select the workers' pods. */
  public readonly podLabels: pulumi.Output<Record<string, string>>;
  /** Name of the service in Consul's catalogue; empty without Consul. */
  public readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: WorkerDaemonSetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:WorkerDaemonSet", name, args, opts);
    const plan = requirePlan("WorkerDaemonSet", name, planWorker(name, args));

    const account = createServiceAccount(this, name, plan);
    const before = [
      account,
      ...createPriorityClass(this, name, plan),
      ...createConsulCa(this, name, plan),
      ...createSeccompProfile(this, name, plan),
      ...createQueenAccess(this, name, plan.queen, metadata(name, plan, [name])),
    ];
    const daemonSet = createDaemonSet(this, name, plan, before);
    createDisruptionBudget(this, name, plan);

    this.daemonSetName = daemonSet.metadata.name;
    this.namespace = daemonSet.metadata.namespace;
    this.podLabels = pulumi.output(selectorLabels(WORKER_APP, objectName([name])));
    this.serviceName = pulumi.output(plan.registration?.serviceName ?? "");
    this.registerOutputs({
      daemonSetName: this.daemonSetName,
      namespace: this.namespace,
      podLabels: this.podLabels,
      serviceName: this.serviceName,
    });
  }
}

function createServiceAccount(parent: WorkerDaemonSet, name: string, plan: WorkerPlan) {
  return new corev1.ServiceAccount(
    name,
    { metadata: metadata(name, plan, [name]), automountServiceAccountToken: false },
    { parent },
  );
}

/**
 * Workers go before whatever else strays onto a KVM node, and well behind what the system needs.
 */
function createPriorityClass(parent: WorkerDaemonSet, name: string, plan: WorkerPlan) {
  if (!plan.ownPriorityClass) return [];
  const { labels, name: className } = metadata(name, plan, [name]);
  return [
    new schedulingv1.PriorityClass(
      name,
      {
        metadata: { name: className, labels },
        value: 1_000_000,
        globalDefault: false,
        preemptionPolicy: "PreemptLowerPriority",
        description: "The microVM workers of a KVM node",
      },
      { parent },
    ),
  ];
}

function createConsulCa(parent: WorkerDaemonSet, name: string, plan: WorkerPlan) {
  if (plan.consul === undefined) return [];
  return [
    new corev1.ConfigMap(
      `${name}-consul-ca`,
      {
        metadata: metadata(name, plan, [name, "consul-ca"]),
        data: { [CONSUL_CA_FILE]: plan.consul.caCertificate },
      },
      { parent },
    ),
  ];
}

/** Whatever is in a profile's name is in its ConfigMap's: pods that still run with another one keep theirs. */
function createSeccompProfile(parent: WorkerDaemonSet, name: string, plan: WorkerPlan) {
  if (plan.seccomp === undefined) return [];
  const { configMap, content } = plan.seccomp;
  const { labels, namespace } = metadata(name, plan, [name]);
  return [
    new corev1.ConfigMap(
      `${name}-seccomp`,
      {
        metadata: { name: configMap, namespace, labels },
        data: { [SECCOMP_FILE]: content },
        immutable: true,
      },
      { parent },
    ),
  ];
}

function createDaemonSet(
  parent: WorkerDaemonSet,
  name: string,
  plan: WorkerPlan,
  dependsOn: pulumi.Resource[],
) {
  const { labels } = metadata(name, plan, [name]);
  const annotations = workerAnnotations(plan);
  const podSpec = workerPod(plan, {
    consulCaConfigMap: objectName([name, "consul-ca"]),
    serviceAccountName: objectName([name]),
  });
  return new appsv1.DaemonSet(
    name,
    {
      metadata: { ...metadata(name, plan, [name]), ...annotations },
      spec: {
        selector: { matchLabels: selectorLabels(WORKER_APP, objectName([name])) },
        updateStrategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxUnavailable: plan.maxUnavailable, maxSurge: 0 },
        },
        revisionHistoryLimit: 5,
        template: { metadata: { ...annotations, labels }, spec: podSpec },
      },
    },
    { parent, dependsOn },
  );
}

function createDisruptionBudget(parent: WorkerDaemonSet, name: string, plan: WorkerPlan): void {
  if (plan.minAvailable === undefined) return;
  new policyv1.PodDisruptionBudget(
    name,
    {
      metadata: metadata(name, plan, [name]),
      spec: {
        minAvailable: plan.minAvailable,
        selector: { matchLabels: selectorLabels(WORKER_APP, objectName([name])) },
        // A worker that is broken anyway must not keep its node from being repaired.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    { parent },
  );
}

function metadata(name: string, plan: WorkerPlan, parts: string[]) {
  const labels = objectLabels(WORKER_APP, objectName([name]));
  return { name: objectName(parts), namespace: plan.namespace, labels };
}
