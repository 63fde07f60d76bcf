import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../shared/require-plan";
import type { AwsKvmNodePoolArgs } from "./aws-args";
import { createAutoScalingGroup, createManagedGroup } from "./aws-groups";
import { createIdentity, createLaunchTemplate } from "./aws-nodes";
import { planAwsPool } from "./aws-plan";

/**
 * KVM nodes of an EKS cluster: metal machines, or virtual ones with nested virtualisation, launched by an Auto Scaling
 * group of our own, since EKS managed groups drop the option that nesting needs.
 *
 * Creates, under its logical name `NAME`: the role `NAME-nodes` with AWS' own policies (`NAME-nodes-POLICY`), its
 * instance profile and its access entry, the launch template `NAME` and the Auto Scaling group `NAME`; with
 * `nodeGroup: AwsNodeGroup.Managed`, for metal machines alone, a managed group `NAME` instead of profile, entry and
 * Auto Scaling group. Names in AWS are the same: two pools of one account and region must differ in theirs. It costs
 * its machines and their disks; nesting itself costs nothing.
 *
 * ```typescript
 * new AwsKvmNodePool("kvm", {
 *   cluster: cluster.ref, imageId: "ami-0123456789abcdef0", subnetIds: network.privateSubnetIds,
 *   instanceTypes: ["m8i.4xlarge"], minNodes: 1, maxNodes: 6,
 * });
 * ```
 *
 * - Nothing here forces a self-managed group to be replaced: every change is made in place. A new image or type is for
 *   new nodes, and for running ones with `instanceRefresh` or `maxInstanceLifetimeDays`, which end them without
 *   draining unless a termination handler does. A managed group's name ends in a hash of what replaces it: cluster,
 *   subnets, types, spot.
 * - An autoscaled pool carries the tags by which the cluster autoscaler knows the nodes of an empty group, KVM units
 *   among them; for a managed group it needs `minNodes` of at least 1 to know those.
 * - Metal machines take 5 to 25 minutes to start: keep some (`minNodes`), or have them wait stopped (`warmPool`).
 *   Karpenter gives up on a node after 15 minutes; an Auto Scaling group does not.
 * - One report has EC2 refuse spot with nested virtualisation; AWS documents no such rule, so both are taken.
 *
 * Not for EKS Auto Mode. For pools that follow the pods' wishes in machine types, Karpenter is the better choice.
 * Sources: aws/containers-roadmap#2784, https://docs.aws.amazon.com/eks/latest/userguide/self-managed-nodes.html
 */
export class AwsKvmNodePool extends pulumi.ComponentResource {
  /** The name of the Auto Scaling group, or of the managed group. */
  public readonly groupName: pulumi.Output<string>;
  /** Labels that each node joins with. */
  public readonly nodeLabels: pulumi.Output<Record<string, string>>;
  /** ARN of the nodes' role. */
  public readonly nodeRoleArn: pulumi.Output<string>;

  constructor(name: string, args: AwsKvmNodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AwsKvmNodePool", name, args, opts);
    const plan = requirePlan("AwsKvmNodePool", name, planAwsPool(name, args));

    const identity = createIdentity(this, name, plan, args);
    const template = createLaunchTemplate(this, name, plan, args, identity);
    const launch = { identity, template };

    this.groupName = plan.managed
      ? createManagedGroup(this, name, plan, args, launch).nodeGroupName
      : createAutoScalingGroup(this, name, plan, args, launch).name;
    this.nodeLabels = pulumi.output(plan.labels);
    this.nodeRoleArn = identity.role.arn;
    this.registerOutputs({
      groupName: this.groupName,
      nodeLabels: this.nodeLabels,
      nodeRoleArn: this.nodeRoleArn,
    });
  }
}
