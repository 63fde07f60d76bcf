import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as coordinationv1 from "@pulumi/kubernetes/coordination/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Hugepages } from "../host-profile/host-profile";
import { requirePlan } from "../shared/require-plan";
import type { Toleration } from "../shared/node-contract";
import type { AssetSet } from "./asset-set";
import { eventAccess, nodeAccess, ownAccess } from "./access";
import { confinements } from "./confinement";
import { daemonSetSpec, labels, LEASE_SECONDS } from "./manifests";
import { planNodeProvisioner, type ProvisionerPlan } from "./plan";

/** Arguments of {@link NodeProvisioner}. */
export interface NodeProvisionerArgs {
  /** The files that every KVM node gets, for each architecture that the pools have. */
  assets: AssetSet;
  /**
   * Image of both containers, by digest. It needs POSIX sh, awk, curl, date, flock, mv -T, sed, setsid,
   * sha256sum, stat, sync, tar, tee and timeout: docker.io/curlimages/curl has them. Where the asset set brings
   * no VMM, the image also brings the one that the set's gate names.
   */
  image: string;
  /** Namespace of the pods, which must admit hostPath volumes: {@link Namespaces.agents} does. */
  namespace: pulumi.Input<string>;
  /** Domain of the node contract's labels, taints and resource. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /** Tolerations beside those of the worker and startup taints. Defaults to none. */
  tolerations?: Toleration[];
  /** Folder on the nodes that receives the files. Defaults to "/var/lib/kvm-fabric". */
  assetsRoot?: string;
  /**
   * Lets one node go first to each asset set: the others follow once a microVM booted there, and stay as they
   * are where none did. Defaults to true.
   */
  canary?: boolean;
  /**
   * How bad a finding of the doctor's is, by its name: "fatal" (the node is not proven), "warning" or "off".
   * Defaults to what docs/provisioner.md lists: fatal is what no microVM runs with.
   */
  doctorPolicy?: Record<string, string>;
  /** Memory in huge pages that the doctor wants to find, as in a host profile. Defaults to none. */
  hugepages?: Hugepages;
  /** Versions kept on a node beside the current one and those that microVMs run from. Defaults to 2. */
  keepVersions?: number;
  /**
   * Nodes that a rollout may change at once, after the canary: a number, or a share as in "10%". Defaults to
   * "10%".
   */
  maxUnavailable?: string;
  /**
   * How long a node waits for the microVMs that run from its current files to end before it goes over to others,
   * in seconds. They lose nothing when it does: their files stay until they end. Defaults to 0.
   */
  microVmDeadlineSeconds?: number;
  /** Holds the rollout up: a node keeps what it has, and one that has nothing takes what is wanted. Defaults to false. */
  paused?: boolean;
  /**
   * Asset sets that nodes may still be labelled with: those of the rollouts before. Without them a node whose new
   * set fails cannot say that it is back on the one before. Defaults to none.
   */
  previousAssets?: AssetSet[];
  /** PriorityClass of the pods. Defaults to "system-node-critical". */
  priorityClassName?: string;
  /** Id of the one of `previousAssets` that all nodes go back to. Defaults to none: `assets` is wanted. */
  rollbackTo?: string;
}

/**
 * A node provisioner: turns nodes that their pool says can run KVM into proven nodes.
 *
 * On each node with `<domain>/kvm-enabled=true` its `provision` container looks the host over, puts the asset
 * set into `<assetsRoot>/versions/<id>`, every byte verified, boots a microVM with it, and points
 * `<assetsRoot>/current` to it; then its `report` container labels the node `<domain>/assets=<id>`, removes the
 * startup taint and sets the condition `KvmFabricReady`. It is unprivileged, `provision` holds no token, and
 * admission policies confine `report` to its own writes about its own node.
 *
 * It goes on looking: where files are damaged or KVM is lost, the label goes first, then it repairs. A change of
 * `assets` is a rollout: one node goes first, then `maxUnavailable` at a time; a node whose gate fails stays on
 * the set it has, and no further one follows.
 *
 * When the DaemonSet is deleted, `report` takes label and condition off its node, then `provision` removes what it
 * installed; the startup taint does not come back. A rollout, a drain or a shutdown of the node leave all of it.
 * So does a pod that is not running at that moment, as on a node that is down.
 *
 * Creates, named after the component: a ServiceAccount, a ClusterRole with its binding (nodes: get, patch; their
 * status: patch), a Role with its binding (its own DaemonSet: get; its Lease: get, patch), a Role in namespace
 * `default` with its binding (events: create), two ValidatingAdmissionPolicies with their bindings
 * (`-node-writes`, `-reports`), a Lease, a ConfigMap and a DaemonSet. On a node it costs 110m CPU, 80 MiB and one
 * unit of `<domain>/kvm`.
 *
 * Needs Kubernetes 1.32, and a device plugin that offers `<domain>/kvm`.
 *
 * ```typescript
 * const provisioner = new NodeProvisioner("provisioner", {
 *   namespace: namespaces.agents,
 *   image: "docker.io/curlimages/curl:8.5.0@sha256:08e4...",
 *   assets: { amd64: { vmm, jailer, kernel, rootfs } },
 * });
 * ```
 */
export class NodeProvisioner extends pulumi.ComponentResource {
  /** Id of the asset set: the value of the label `<domain>/assets` on proven nodes. */
  public readonly assetSet: pulumi.Output<string>;
  /** Folder on the nodes that holds `versions/<id>` and the link `current`. */
  public readonly assetsRoot: pulumi.Output<string>;
  /** Namespace of the pods. */
  public readonly namespace: pulumi.Output<string>;
  /** Name of the service account whose node writes are confined. */
  public readonly serviceAccountName: pulumi.Output<string>;

  constructor(name: string, args: NodeProvisionerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:NodeProvisioner", name, args, opts);
    const plan = requirePlan("NodeProvisioner", name, planNodeProvisioner(name, args));

    const account = serviceAccount(this, name, plan, args.namespace);
    const confinement = confinements(this, name, plan, args.namespace);
    const nodes = nodeAccess(this, name, plan, account, confinement);
    const lease = rolloutLease(this, name, plan, args.namespace);
    const itself = ownAccess(this, name, plan, account, confinement);
    const events = eventAccess(this, name, plan, account, confinement);
    const files = configMap(this, name, plan, args.namespace);
    const needs = [account, files, nodes, ...lease, itself, events];
    const daemonSet = agents(this, name, plan, args.namespace, needs);

    this.assetSet = pulumi.output(plan.assetSet);
    this.assetsRoot = pulumi.output(plan.assetsRoot);
    this.namespace = daemonSet.metadata.namespace;
    this.serviceAccountName = account.metadata.name;
    this.registerOutputs({
      assetSet: this.assetSet,
      assetsRoot: this.assetsRoot,
      namespace: this.namespace,
      serviceAccountName: this.serviceAccountName,
    });
  }
}

function serviceAccount(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
): corev1.ServiceAccount {
  return new corev1.ServiceAccount(
    `${name}-account`,
    {
      metadata: { name: plan.objectName, namespace, labels: labels(plan) },
      automountServiceAccountToken: false,
    },
    { parent },
  );
}

/**
 * Which node goes first, and what became of it: one for each asset set, so a new set begins anew. Whatever is
 * written into it is the pods'.
 */
function rolloutLease(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
): pulumi.Resource[] {
  if (plan.leaseName === "") return [];
  const lease = new coordinationv1.Lease(
    `${name}-canary-${plan.assetSet}`,
    {
      metadata: { name: plan.leaseName, namespace, labels: labels(plan) },
      spec: { leaseDurationSeconds: LEASE_SECONDS },
    },
    { parent },
  );
  return [lease];
}

/**
 * Never changed: pods that a rollout has not reached yet go on with the files that they began with, and other files have
 * another name.
 */
function configMap(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
): corev1.ConfigMap {
  return new corev1.ConfigMap(
    `${name}-files`,
    {
      metadata: { name: plan.filesName, namespace, labels: labels(plan) },
      data: plan.files,
      immutable: true,
    },
    { parent },
  );
}

/** Goes first and is gone before the rest goes: by all of it the pods take their labels off the nodes. */
function agents(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
  dependsOn: pulumi.Resource[],
): appsv1.DaemonSet {
  return new appsv1.DaemonSet(
    `${name}-agents`,
    {
      metadata: { name: plan.objectName, namespace, labels: labels(plan) },
      spec: daemonSetSpec(plan),
    },
    { parent, dependsOn },
  );
}
