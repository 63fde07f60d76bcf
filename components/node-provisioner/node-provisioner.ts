import * as admissionv1 from "@pulumi/kubernetes/admissionregistration/v1";
import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as rbacv1 from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../shared/require-plan";
import type { Toleration } from "../shared/node-contract";
import type { AssetSet } from "./asset-set";
import { clusterRoleRules, daemonSetSpec, labels, roleRules } from "./manifests";
import { nodeWritePolicy, nodeWritePolicyBinding } from "./node-write-policy";
import { planNodeProvisioner, type ProvisionerPlan } from "./plan";
import { writerCondition } from "./policy-rules";

/** Arguments of {@link NodeProvisioner}. */
export interface NodeProvisionerArgs {
  /** The files that every KVM node gets, for each architecture that the pools have. */
  assets: AssetSet;
  /**
   * Image of both containers, by digest. It needs POSIX sh, awk, curl, date, flock, mv -T, sed,
   * sha256sum, sync and tar: docker.io/curlimages/curl has them.
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
  /** Pods that a rollout may have down at once: a number, or a share as in "10%". Defaults to "10%". */
  maxUnavailable?: string;
  /** PriorityClass of the pods. Defaults to "system-node-critical". */
  priorityClassName?: string;
}

/**
 * A node provisioner: turns nodes that their pool says can run KVM into proven nodes.
 *
 * On each node with `<domain>/kvm-enabled=true` its `install` container opens /dev/kvm, and puts the
 * asset set into `<assetsRoot>/versions/<id>`, every byte verified; then its `report` container labels the
 * node `<domain>/assets=<id>` and removes the startup taint. It is unprivileged, `install` holds no
 * token, and an admission policy confines `report` to its own writes on its own node.
 *
 * When the DaemonSet is deleted, `report` takes the label off its node before it ends, so nothing refers
 * to a provisioner that is gone; the startup taint does not come back, and the files stay. A rollout, a
 * drain or a shutdown of the node leave the label. So does a pod whose `report` is not running at that
 * moment, as on a node that is down or still installing; `kubectl label nodes --all <domain>/assets-`
 * does the rest.
 *
 * Creates, named after the component: a ServiceAccount, a ClusterRole with its binding (nodes: get,
 * patch), a Role with its binding (its own DaemonSet: get), a ValidatingAdmissionPolicy with its binding
 * (`-node-writes`), a ConfigMap and a DaemonSet. It costs 10m CPU and 16 MiB on a node once the node is proven, and one unit of `<domain>/kvm`.
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
 *
 * Not for nodes whose image already holds the files: label those in their pool.
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
    const confinement = nodeWriteConfinement(this, name, plan, args.namespace);
    const nodes = nodeAccess(this, name, plan, account, confinement);
    const itself = daemonSetAccess(this, name, plan, account);
    const files = configMap(this, name, plan, args.namespace);
    const needs = [account, files, nodes, itself];
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

function nodeWriteConfinement(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
): pulumi.Resource {
  const metadata = { name: plan.policyName, labels: labels(plan) };
  const condition = pulumi
    .output(namespace)
    .apply((given) => writerCondition(given, plan.objectName));
  const policy = new admissionv1.ValidatingAdmissionPolicy(
    `${name}-node-writes`,
    { metadata, spec: nodeWritePolicy(plan.contract, [plan.assetSet], condition) },
    { parent },
  );
  return new admissionv1.ValidatingAdmissionPolicyBinding(
    `${name}-node-writes-binding`,
    { metadata, spec: nodeWritePolicyBinding(plan.policyName) },
    { parent, dependsOn: policy },
  );
}

/** Comes after the confinement and goes before it: the account is never free, not for a moment. */
function nodeAccess(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  account: corev1.ServiceAccount,
  confinement: pulumi.Resource,
): rbacv1.ClusterRoleBinding {
  const metadata = { name: plan.objectName, labels: labels(plan) };
  const role = new rbacv1.ClusterRole(
    `${name}-role`,
    { metadata, rules: clusterRoleRules() },
    { parent },
  );
  return new rbacv1.ClusterRoleBinding(
    `${name}-role-binding`,
    { metadata, roleRef: roleRef("ClusterRole", role.metadata.name), subjects: [subject(account)] },
    { parent, dependsOn: confinement },
  );
}

/** By this a pod that is told to end learns whether the provisioner goes or only the pod. */
function daemonSetAccess(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  account: corev1.ServiceAccount,
): rbacv1.RoleBinding {
  const { namespace } = account.metadata;
  const metadata = { name: plan.objectName, namespace, labels: labels(plan) };
  const role = new rbacv1.Role(`${name}-self`, { metadata, rules: roleRules(plan) }, { parent });
  return new rbacv1.RoleBinding(
    `${name}-self-binding`,
    { metadata, roleRef: roleRef("Role", role.metadata.name), subjects: [subject(account)] },
    { parent },
  );
}

function roleRef(kind: string, name: pulumi.Input<string>) {
  return { apiGroup: "rbac.authorization.k8s.io", kind, name };
}

function subject({ metadata: { name, namespace } }: corev1.ServiceAccount) {
  return { kind: "ServiceAccount", name, namespace };
}

function configMap(
  parent: NodeProvisioner,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
): corev1.ConfigMap {
  return new corev1.ConfigMap(
    `${name}-files`,
    {
      metadata: { name: plan.objectName, namespace, labels: labels(plan) },
      data: plan.files,
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
