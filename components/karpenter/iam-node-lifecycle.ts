import type { ClusterArn } from "../cluster/aws/arn";
import { allow, type Condition, type Statement } from "../shared/iam-statement";

const LAUNCH = ["ec2:RunInstances", "ec2:CreateFleet"];
const LAUNCH_AND_TEMPLATE = [...LAUNCH, "ec2:CreateLaunchTemplate"];
const CREATIONS = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"];
const TAGGED_AT_CREATION = [
  "fleet",
  "instance",
  "volume",
  "network-interface",
  "launch-template",
  "spot-instances-request",
];

/**
 * Starting, tagging and ending machines: only with the cluster's tag, so that the controller of one cluster can
 * do nothing to the machines of another.
 * Source: https://karpenter.sh/v1.14/reference/cloudformation/#nodelifecyclepolicy
 */
export function nodeLifecycle(cluster: ClusterArn): Statement[] {
  const { partition, region, name } = cluster;
  const ours = (kind: string) => `arn:${partition}:ec2:${region}:*:${kind}/*`;
  const anyones = (kind: string) => `arn:${partition}:ec2:${region}::${kind}/*`;
  const requested = {
    [`aws:RequestTag/kubernetes.io/cluster/${name}`]: "owned",
    "aws:RequestTag/eks:eks-cluster-name": name,
  };
  const poolRequested = { "aws:RequestTag/karpenter.sh/nodepool": "*" };
  const owned: Condition = {
    StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${name}`]: "owned" },
    StringLike: { "aws:ResourceTag/karpenter.sh/nodepool": "*" },
  };
  return [
    allow("AllowScopedEC2InstanceAccessActions", LAUNCH, [
      ...["image", "snapshot"].map(anyones),
      ...["security-group", "subnet", "capacity-reservation", "placement-group"].map(ours),
    ]),
    allow("AllowScopedEC2LaunchTemplateAccessActions", LAUNCH, ours("launch-template"), owned),
    allow(
      "AllowScopedEC2InstanceActionsWithTags",
      LAUNCH_AND_TEMPLATE,
      TAGGED_AT_CREATION.map(ours),
      { StringEquals: requested, StringLike: poolRequested },
    ),
    allow("AllowScopedResourceCreationTagging", "ec2:CreateTags", TAGGED_AT_CREATION.map(ours), {
      StringEquals: { ...requested, "ec2:CreateAction": CREATIONS },
      StringLike: poolRequested,
    }),
    allow("AllowScopedResourceTagging", "ec2:CreateTags", ours("instance"), {
      ...owned,
      StringEqualsIfExists: { "aws:RequestTag/eks:eks-cluster-name": name },
      "ForAllValues:StringEquals": {
        "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"],
      },
    }),
    allow(
      "AllowScopedDeletion",
      ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
      ["instance", "launch-template"].map(ours),
      owned,
    ),
  ];
}
