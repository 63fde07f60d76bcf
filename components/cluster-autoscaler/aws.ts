import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { Policy } from "@pulumi/aws/iam/policy";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { accountWideName, clusterArn } from "../karpenter/account-names";
import { policyDocument } from "../shared/iam-statement";
import { podIdentityTrust } from "../karpenter/interruption";
import { requirePlan } from "../shared/require-plan";
import type { AwsClusterAutoscalerArgs } from "./args";
import { AUTOSCALER_ACCOUNT, awsStatements, awsValues } from "./chart";
import { planAwsAutoscaler, type AutoscalerPlan } from "./plan";
import { createRelease } from "./release";

/**
 * The cluster autoscaler for self-managed groups on EKS, as `AwsKvmNodePool` makes them: it changes how many machines
 * a group has, between the group's least and most, and finds groups by their tags.
 *
 * Creates, under its logical name `NAME`: the role and its Pod Identity association (`NAME`), the policy and its
 * attachment (`NAME`), and the Helm release `NAME-chart`. It costs what two small pods do.
 *
 * ```typescript
 * new AwsClusterAutoscaler("autoscaler", { cluster: cluster.ref });
 * ```
 *
 * Use the chart whose autoscaler has the minor version of the cluster, or the nearest below it.
 *
 * Not beside `Karpenter` for the same pools; nor for GKE and AKS, which bring their own: there a pool's least and
 * most of nodes are all that is needed.
 */
export class AwsClusterAutoscaler extends pulumi.ComponentResource {
  /** ARN of the autoscaler's role. */
  public readonly roleArn: pulumi.Output<string>;

  constructor(
    name: string,
    args: AwsClusterAutoscalerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("kvm-fabric:index:AwsClusterAutoscaler", name, args, opts);
    const plan = requirePlan("AwsClusterAutoscaler", name, planAwsAutoscaler(name, args));

    const identity = createIdentity(this, name, plan, args);
    const { region } = clusterArn(args.cluster);
    const values = awsValues(plan, args.cluster.name, region);
    createRelease(this, name, plan, values, identity.resources);

    this.roleArn = identity.role.arn;
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

function createIdentity(
  parent: AwsClusterAutoscaler,
  name: string,
  plan: AutoscalerPlan,
  { cluster, tags = {} }: AwsClusterAutoscalerArgs,
) {
  const arn = clusterArn(cluster);
  const named = { name: accountWideName(arn, "autoscaler", 64), tags };
  const trust = { assumeRolePolicy: podIdentityTrust(), description: "The cluster autoscaler" };
  const role = new Role(name, { ...named, ...trust }, { parent });
  const association = new PodIdentityAssociation(
    name,
    {
      clusterName: cluster.name,
      namespace: plan.namespace,
      serviceAccount: AUTOSCALER_ACCOUNT,
      roleArn: role.arn,
      tags,
    },
    { parent },
  );
  // After the association: pods that are admitted in its first seconds get no credentials.
  const policy = new Policy(
    name,
    { ...named, policy: arn.apply((parts) => policyDocument(awsStatements(parts.name))) },
    { parent, dependsOn: [association] },
  );
  const attached = { role: role.name, policyArn: policy.arn };
  const attachment = new RolePolicyAttachment(name, attached, { parent });
  return { role, resources: [role, association, policy, attachment] };
}
