import type { ClusterArn } from "../cluster/aws/arn";
import { allow, type Statement } from "../shared/iam-statement";
import { nodeLifecycle } from "./iam-node-lifecycle";

/** What the controller's permissions are confined to. */
export interface PermissionScope {
  cluster: ClusterArn;
  /** ARN of the one role that machines may be given. */
  nodeRoleArn: string;
  /** ARN of the queue of interruptions. */
  queueArn: string;
}

/** The six policies of the controller, by the suffix of their names; a closed set, so shape is known at preview. */
export const CONTROLLER_POLICIES = [
  "node-lifecycle",
  "iam-integration",
  "eks-integration",
  "interruption",
  "zonal-shift",
  "resource-discovery",
] as const;

/** Name of one of the controller's policies. */
export type ControllerPolicy = (typeof CONTROLLER_POLICIES)[number];

/** IAM refuses a managed policy of more characters; white space does not count. */
export const LARGEST_POLICY = 6144;

/**
 * The statements of one of the controller's policies: six policies and eighteen statements in all, those that
 * Karpenter 1.14.1 itself publishes. In one policy they would not fit IAM's size, which is why they are six.
 * Source: https://karpenter.sh/v1.14/reference/cloudformation/
 */
export function controllerStatements(
  policy: ControllerPolicy,
  { cluster, nodeRoleArn, queueArn }: PermissionScope,
): Statement[] {
  switch (policy) {
    case "node-lifecycle":
      return nodeLifecycle(cluster);
    case "iam-integration":
      return iamIntegration(cluster, nodeRoleArn);
    case "eks-integration":
      return [allow("AllowAPIServerEndpointDiscovery", "eks:DescribeCluster", arnOf(cluster))];
    case "interruption":
      return [
        allow(
          "AllowInterruptionQueueActions",
          ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
          queueArn,
        ),
      ];
    case "zonal-shift":
      return [
        allow("AllowZonalShiftStatusReadOnly", ["arc-zonal-shift:GetManagedResource"], "*", {
          StringEquals: { "arc-zonal-shift:ResourceIdentifier": arnOf(cluster) },
        }),
      ];
    case "resource-discovery":
      return resourceDiscovery(cluster);
    default:
      return policy satisfies never;
  }
}

function iamIntegration(cluster: ClusterArn, nodeRoleArn: string): Statement[] {
  const { partition, account, region } = cluster;
  const profiles = `arn:${partition}:iam::${account}:instance-profile/*`;
  const requested = {
    [`aws:RequestTag/kubernetes.io/cluster/${cluster.name}`]: "owned",
    "aws:RequestTag/eks:eks-cluster-name": cluster.name,
    "aws:RequestTag/topology.kubernetes.io/region": region,
  };
  const owned = {
    [`aws:ResourceTag/kubernetes.io/cluster/${cluster.name}`]: "owned",
    "aws:ResourceTag/topology.kubernetes.io/region": region,
  };
  const classRequested = { "aws:RequestTag/karpenter.k8s.aws/ec2nodeclass": "*" };
  const classOwned = { "aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass": "*" };
  return [
    allow("AllowPassingInstanceRole", "iam:PassRole", nodeRoleArn, {
      StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] },
    }),
    allow("AllowScopedInstanceProfileCreationActions", ["iam:CreateInstanceProfile"], profiles, {
      StringEquals: requested,
      StringLike: classRequested,
    }),
    allow("AllowScopedInstanceProfileTagActions", ["iam:TagInstanceProfile"], profiles, {
      StringEquals: { ...owned, ...requested },
      StringLike: { ...classOwned, ...classRequested },
    }),
    allow(
      "AllowScopedInstanceProfileActions",
      [
        "iam:AddRoleToInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:DeleteInstanceProfile",
      ],
      profiles,
      { StringEquals: owned, StringLike: classOwned },
    ),
  ];
}

const READ_ACTIONS = [
  "ec2:DescribeCapacityReservations",
  "ec2:DescribeImages",
  "ec2:DescribeInstances",
  "ec2:DescribeInstanceStatus",
  "ec2:DescribeInstanceTypeOfferings",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeLaunchTemplates",
  "ec2:DescribePlacementGroups",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSpotPriceHistory",
  "ec2:DescribeSubnets",
];

function resourceDiscovery({ partition, region, account }: ClusterArn): Statement[] {
  const parameters = `arn:${partition}:ssm:${region}::parameter/aws/service/*`;
  const profiles = `arn:${partition}:iam::${account}:instance-profile/*`;
  return [
    allow("AllowRegionalReadActions", READ_ACTIONS, "*", {
      StringEquals: { "aws:RequestedRegion": region },
    }),
    allow("AllowSSMReadActions", "ssm:GetParameter", parameters),
    allow("AllowPricingReadActions", "pricing:GetProducts", "*"),
    allow("AllowUnscopedInstanceProfileListAction", "iam:ListInstanceProfiles", "*"),
    allow("AllowInstanceProfileReadActions", "iam:GetInstanceProfile", profiles),
  ];
}

function arnOf({ partition, region, account, name }: ClusterArn): string {
  return `arn:${partition}:eks:${region}:${account}:cluster/${name}`;
}
