/**
 * The controller's permissions as Karpenter 1.14 publishes them, one row a statement, transcribed by hand from
 * `website/content/en/v1.14/getting-started/getting-started-with-karpenter/cloudformation.yaml` of
 * aws/karpenter-provider-aws. P, R, A, C, N and Q stand for partition, region, account, cluster, the ARN of the
 * nodes' role and that of the queue. Conditions read: operator, key, values.
 */
export interface GoldenStatement {
  policy: string;
  sid: string;
  actions: string;
  resources: string;
  conditions: string[];
}

const row = (
  policy: string,
  sid: string,
  actions: string,
  resources: string,
  ...conditions: string[]
): GoldenStatement => ({ policy, sid, actions, resources, conditions });

const CREATED = [
  "arn:P:ec2:R:*:fleet/*",
  "arn:P:ec2:R:*:instance/*",
  "arn:P:ec2:R:*:volume/*",
  "arn:P:ec2:R:*:network-interface/*",
  "arn:P:ec2:R:*:launch-template/*",
  "arn:P:ec2:R:*:spot-instances-request/*",
].join(" ");
const PROFILES = "arn:P:iam::A:instance-profile/*";

export const GOLDEN: readonly GoldenStatement[] = [
  row(
    "node-lifecycle",
    "AllowScopedEC2InstanceAccessActions",
    "ec2:RunInstances ec2:CreateFleet",
    "arn:P:ec2:R::image/* arn:P:ec2:R::snapshot/* arn:P:ec2:R:*:security-group/* arn:P:ec2:R:*:subnet/* arn:P:ec2:R:*:capacity-reservation/* arn:P:ec2:R:*:placement-group/*",
  ),
  row(
    "node-lifecycle",
    "AllowScopedEC2LaunchTemplateAccessActions",
    "ec2:RunInstances ec2:CreateFleet",
    "arn:P:ec2:R:*:launch-template/*",
    "StringEquals aws:ResourceTag/kubernetes.io/cluster/C owned",
    "StringLike aws:ResourceTag/karpenter.sh/nodepool *",
  ),
  row(
    "node-lifecycle",
    "AllowScopedEC2InstanceActionsWithTags",
    "ec2:RunInstances ec2:CreateFleet ec2:CreateLaunchTemplate",
    CREATED,
    "StringEquals aws:RequestTag/kubernetes.io/cluster/C owned",
    "StringEquals aws:RequestTag/eks:eks-cluster-name C",
    "StringLike aws:RequestTag/karpenter.sh/nodepool *",
  ),
  row(
    "node-lifecycle",
    "AllowScopedResourceCreationTagging",
    "ec2:CreateTags",
    CREATED,
    "StringEquals aws:RequestTag/kubernetes.io/cluster/C owned",
    "StringEquals aws:RequestTag/eks:eks-cluster-name C",
    "StringEquals ec2:CreateAction RunInstances,CreateFleet,CreateLaunchTemplate",
    "StringLike aws:RequestTag/karpenter.sh/nodepool *",
  ),
  row(
    "node-lifecycle",
    "AllowScopedResourceTagging",
    "ec2:CreateTags",
    "arn:P:ec2:R:*:instance/*",
    "StringEquals aws:ResourceTag/kubernetes.io/cluster/C owned",
    "StringLike aws:ResourceTag/karpenter.sh/nodepool *",
    "StringEqualsIfExists aws:RequestTag/eks:eks-cluster-name C",
    "ForAllValues:StringEquals aws:TagKeys eks:eks-cluster-name,karpenter.sh/nodeclaim,Name",
  ),
  row(
    "node-lifecycle",
    "AllowScopedDeletion",
    "ec2:TerminateInstances ec2:DeleteLaunchTemplate",
    "arn:P:ec2:R:*:instance/* arn:P:ec2:R:*:launch-template/*",
    "StringEquals aws:ResourceTag/kubernetes.io/cluster/C owned",
    "StringLike aws:ResourceTag/karpenter.sh/nodepool *",
  ),
  row(
    "iam-integration",
    "AllowPassingInstanceRole",
    "iam:PassRole",
    "N",
    "StringEquals iam:PassedToService ec2.amazonaws.com,ec2.amazonaws.com.cn",
  ),
  row(
    "iam-integration",
    "AllowScopedInstanceProfileCreationActions",
    "iam:CreateInstanceProfile",
    PROFILES,
    "StringEquals aws:RequestTag/kubernetes.io/cluster/C owned",
    "StringEquals aws:RequestTag/eks:eks-cluster-name C",
    "StringEquals aws:RequestTag/topology.kubernetes.io/region R",
    "StringLike aws:RequestTag/karpenter.k8s.aws/ec2nodeclass *",
  ),
  row(
    "iam-integration",
    "AllowScopedInstanceProfileTagActions",
    "iam:TagInstanceProfile",
    PROFILES,
    "StringEquals aws:ResourceTag/kubernetes.io/cluster/C owned",
    "StringEquals aws:ResourceTag/topology.kubernetes.io/region R",
    "StringEquals aws:RequestTag/kubernetes.io/cluster/C owned",
    "StringEquals aws:RequestTag/eks:eks-cluster-name C",
    "StringEquals aws:RequestTag/topology.kubernetes.io/region R",
    "StringLike aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass *",
    "StringLike aws:RequestTag/karpenter.k8s.aws/ec2nodeclass *",
  ),
  row(
    "iam-integration",
    "AllowScopedInstanceProfileActions",
    "iam:AddRoleToInstanceProfile iam:RemoveRoleFromInstanceProfile iam:DeleteInstanceProfile",
    PROFILES,
    "StringEquals aws:ResourceTag/kubernetes.io/cluster/C owned",
    "StringEquals aws:ResourceTag/topology.kubernetes.io/region R",
    "StringLike aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass *",
  ),
  row(
    "eks-integration",
    "AllowAPIServerEndpointDiscovery",
    "eks:DescribeCluster",
    "arn:P:eks:R:A:cluster/C",
  ),
  row(
    "interruption",
    "AllowInterruptionQueueActions",
    "sqs:DeleteMessage sqs:GetQueueUrl sqs:ReceiveMessage",
    "Q",
  ),
  row(
    "zonal-shift",
    "AllowZonalShiftStatusReadOnly",
    "arc-zonal-shift:GetManagedResource",
    "*",
    "StringEquals arc-zonal-shift:ResourceIdentifier arn:P:eks:R:A:cluster/C",
  ),
  row(
    "resource-discovery",
    "AllowRegionalReadActions",
    "ec2:DescribeCapacityReservations ec2:DescribeImages ec2:DescribeInstances ec2:DescribeInstanceStatus ec2:DescribeInstanceTypeOfferings ec2:DescribeInstanceTypes ec2:DescribeLaunchTemplates ec2:DescribePlacementGroups ec2:DescribeSecurityGroups ec2:DescribeSpotPriceHistory ec2:DescribeSubnets",
    "*",
    "StringEquals aws:RequestedRegion R",
  ),
  row(
    "resource-discovery",
    "AllowSSMReadActions",
    "ssm:GetParameter",
    "arn:P:ssm:R::parameter/aws/service/*",
  ),
  row("resource-discovery", "AllowPricingReadActions", "pricing:GetProducts", "*"),
  row(
    "resource-discovery",
    "AllowUnscopedInstanceProfileListAction",
    "iam:ListInstanceProfiles",
    "*",
  ),
  row("resource-discovery", "AllowInstanceProfileReadActions", "iam:GetInstanceProfile", PROFILES),
];
