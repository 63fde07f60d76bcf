import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import { objectLabels } from "../shared/labels";
import { requirePlan } from "../shared/require-plan";
import type { KarpenterArgs } from "./args";
import { chartValues, KARPENTER_CRD_RELEASE, KARPENTER_RELEASE } from "./chart";
import { createControllerIdentity, createNodeIdentity, type NodeIdentity } from "./identity";
import { nodeClassSpec, type SelectorTerm } from "./node-class";
import { planKarpenter, type KarpenterPlan, type PlannedAwsPool } from "./plan";
import { createPool } from "./pools";
import { createInterruptionQueue, type InterruptionQueue } from "./queue";

/**
 * Karpenter on EKS, with pools of KVM machines that come and go with the pods that need them.
 *
 * Creates, under its logical name `NAME`: the nodes' role with its policies and access entry (`NAME-node`), the queue
 * of interruptions (`NAME-interruption`) with five event rules, the controller's role and Pod Identity association
 * (`NAME-controller`) with six policies, the Helm releases `NAME-crds` and `NAME-chart`, and for each pool an
 * EC2NodeClass (`NAME-POOL-class`), a NodeOverlay (`NAME-POOL-overlay`), a NodePool (`NAME-POOL`) and, where asked
 * for, the Deployment of its warm buffer (`NAME-POOL-warm`). It costs the machines that pods ask for, and the warm
 * ones; the rest is next to nothing.
 *
 * ```typescript
 * new Karpenter("karpenter", {
 *   cluster: cluster.ref,
 *   pools: [{ name: "nested", kvm: KvmAccess.Nested, instanceFamilies: ["m8i", "c8i"], image: "al2023@v20260801" }],
 * });
 * ```
 *
 * One a cluster. Destroyed in one run: the pools go first and wait for their machines, then the controller, then
 * what it needs. NodePools that were made by other means are not known here, and must go beforehand.
 *
 * Spot machines need the account's service-linked role `AWSServiceRoleForEC2Spot`, which is neither made nor removed
 * here, since every cluster of the account shares it: where it is missing,
 * `aws iam create-service-linked-role --aws-service-name spot.amazonaws.com` makes it, and a refusal because it
 * exists already is no failure. The cluster needs the add-on `eks-pod-identity-agent` beforehand, and a few nodes
 * that are not Karpenter's own.
 *
 * Not for EKS Auto Mode, which brings its own Karpenter and no nested virtualisation.
 */
export class Karpenter extends pulumi.ComponentResource {
  /** ARN of the role of the nodes. */
  public readonly nodeRoleArn: pulumi.Output<string>;
  /** Names of the NodePools, in the order of the argument. */
  public readonly nodePoolNames: pulumi.Output<string[]>;
  /** Name of the queue of interruptions. */
  public readonly queueName: pulumi.Output<string>;

  constructor(name: string, args: KarpenterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:Karpenter", name, args, opts);
    const plan = requirePlan("Karpenter", name, planKarpenter(name, args));
    const { cluster } = args;

    const node = createNodeIdentity(this, name, plan, cluster);
    const interruption = createInterruptionQueue(this, name, plan, cluster);
    const controller = createControllerIdentity(this, name, plan, {
      cluster,
      nodeRoleArn: node.role.arn,
      queueArn: interruption.queue.arn,
    });
    const identity = [...node.resources, ...interruption.resources, ...controller];
    const chart = createCharts(this, name, plan, cluster, interruption, identity);
    const nodePools = plan.pools.map((pool) => {
      const content = { pool, args, node };
      const nodeClass = createNodeClass(this, name, content, plan, [...identity, chart]);
      return createPool(this, name, pool, { dependsOn: [chart, nodeClass], overlay: true });
    });

    this.nodeRoleArn = node.role.arn;
    this.nodePoolNames = pulumi.all(nodePools.map(({ metadata }) => metadata.name));
    this.queueName = interruption.queue.name;
    this.registerOutputs({
      nodeRoleArn: this.nodeRoleArn,
      nodePoolNames: this.nodePoolNames,
      queueName: this.queueName,
    });
  }
}

/**
 * Installs the definitions in a release of their own, since Helm never upgrades those of a chart, then the
 * controller. A failed first install of the controller is taken back, so that the next run can begin again; that
 * of the definitions never is: it would take every NodePool of the cluster with it.
 */
function createCharts(
  parent: Karpenter,
  name: string,
  plan: KarpenterPlan,
  cluster: AwsClusterRef,
  { queue }: InterruptionQueue,
  identity: pulumi.Resource[],
): Release {
  const shared = {
    namespace: plan.namespace,
    timeout: plan.chartTimeoutSeconds,
    version: plan.version,
  };
  const chart = `${plan.chartRepository}/karpenter`;
  const definitions = new Release(
    `${name}-crds`,
    { ...shared, name: KARPENTER_CRD_RELEASE, chart: `${chart}-crd`, atomic: false },
    { parent, dependsOn: identity },
  );
  const { endpoint: clusterEndpoint, name: clusterName } = cluster;
  const values = chartValues({ ...plan, clusterEndpoint, clusterName, queueName: queue.name });
  const safely = { atomic: true, cleanupOnFail: true, skipCrds: true };
  return new Release(
    `${name}-chart`,
    { ...shared, ...safely, name: KARPENTER_RELEASE, chart, values },
    { parent, dependsOn: [definitions, ...identity] },
  );
}

/** What a pool's class is made of, beside the plan. */
interface PoolContent {
  pool: PlannedAwsPool;
  args: KarpenterArgs;
  node: NodeIdentity;
}

/**
 * Creates a pool's class. It has a finalizer that the controller takes off once no machine of the class is left and
 * its instance profile is removed: permissions and controller must outlive it.
 */
function createNodeClass(
  parent: Karpenter,
  name: string,
  { pool: { pool, imageFamily, ...planned }, args, node }: PoolContent,
  plan: KarpenterPlan,
  dependsOn: pulumi.Resource[],
): CustomResource {
  const { instanceProfile, role } = node;
  return new CustomResource(
    `${name}-${pool.name}-class`,
    {
      apiVersion: "karpenter.k8s.aws/v1",
      kind: "EC2NodeClass",
      metadata: { name: planned.objectName, labels: objectLabels("karpenter", name) },
      spec: nodeClassSpec({
        image: pool.image,
        imageFamily,
        kvm: pool.kvm,
        identity: instanceProfile ? { instanceProfile: instanceProfile.name } : { role: role.name },
        securityGroups: securityGroups(args),
        subnets: {
          tags: args.subnetTags ?? { "karpenter.sh/discovery": args.cluster.name },
        },
        tags: plan.tags,
        userData: planned.userData,
        volume: pool.volume ?? {},
      }),
    },
    { parent, dependsOn, customTimeouts: { delete: `${String(planned.deletionMinutes)}m` } },
  );
}

/** The cluster's own security group carries no tag of ours, so it is found by its id. */
function securityGroups({ securityGroupTags, cluster }: KarpenterArgs): SelectorTerm {
  return securityGroupTags === undefined
    ? { id: cluster.clusterSecurityGroupId }
    : { tags: securityGroupTags };
}
