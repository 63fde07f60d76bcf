import type { Reference, ReferenceTable } from "../references";

/** The type token of a resource: `ec2/vpc` is `aws:ec2/vpc:Vpc`. */
export function awsType(short: string): string {
  const own = short.split("/").at(-1) ?? "";
  return `aws:${short}:${own.charAt(0).toUpperCase()}${own.slice(1)}`;
}

// Each row: what refers, by which property, to what; "!" before the target: it cannot be deleted meanwhile;
// "?" before it: it may lie outside the simulation.
const ROWS: readonly [string, string, string][] = [
  ["ec2/subnet", "vpcId", "!ec2/vpc"],
  ["ec2/internetGateway", "vpcId", "!ec2/vpc"],
  ["ec2/internetGatewayAttachment", "vpcId", "!ec2/vpc"],
  ["ec2/internetGatewayAttachment", "internetGatewayId", "!ec2/internetGateway"],
  ["ec2/egressOnlyInternetGateway", "vpcId", "!ec2/vpc"],
  ["ec2/routeTable", "vpcId", "!ec2/vpc"],
  ["ec2/defaultRouteTable", "defaultRouteTableId", "?ec2/routeTable"],
  ["ec2/defaultSecurityGroup", "vpcId", "ec2/vpc"],
  ["ec2/route", "routeTableId", "ec2/routeTable"],
  ["ec2/route", "gatewayId", "ec2/internetGateway"],
  ["ec2/route", "natGatewayId", "ec2/natGateway"],
  ["ec2/routeTableAssociation", "routeTableId", "!ec2/routeTable"],
  ["ec2/routeTableAssociation", "subnetId", "ec2/subnet"],
  ["ec2/natGateway", "subnetId", "!ec2/subnet"],
  ["ec2/natGateway", "allocationId", "!ec2/eip"],
  ["ec2/securityGroup", "vpcId", "!ec2/vpc"],
  ["ec2/securityGroup", "ingress[*].securityGroups[*]", "!ec2/securityGroup"],
  ["ec2/securityGroup", "egress[*].securityGroups[*]", "!ec2/securityGroup"],
  ["ec2/securityGroupRule", "securityGroupId", "ec2/securityGroup"],
  ["ec2/securityGroupRule", "sourceSecurityGroupId", "!ec2/securityGroup"],
  ["vpc/securityGroupIngressRule", "securityGroupId", "ec2/securityGroup"],
  ["vpc/securityGroupIngressRule", "referencedSecurityGroupId", "!ec2/securityGroup"],
  ["vpc/securityGroupEgressRule", "securityGroupId", "ec2/securityGroup"],
  ["vpc/securityGroupEgressRule", "referencedSecurityGroupId", "!ec2/securityGroup"],
  ["ec2/vpcEndpoint", "vpcId", "!ec2/vpc"],
  ["ec2/vpcEndpoint", "subnetIds[*]", "!ec2/subnet"],
  ["ec2/vpcEndpoint", "securityGroupIds[*]", "!ec2/securityGroup"],
  ["ec2/vpcEndpoint", "routeTableIds[*]", "ec2/routeTable"],
  ["ec2/flowLog", "vpcId", "ec2/vpc"],
  ["ec2/flowLog", "iamRoleArn", "iam/role"],
  ["ec2/instance", "subnetId", "!ec2/subnet"],
  ["ec2/instance", "vpcSecurityGroupIds[*]", "!ec2/securityGroup"],
  ["ec2/launchTemplate", "vpcSecurityGroupIds[*]", "ec2/securityGroup"],
  ["ec2/launchTemplate", "networkInterfaces[*].securityGroups[*]", "ec2/securityGroup"],
  ["ec2/launchTemplate", "iamInstanceProfile.arn", "iam/instanceProfile"],
  ["ec2/launchTemplate", "iamInstanceProfile.name", "iam/instanceProfile"],
  ["autoscaling/group", "vpcZoneIdentifiers[*]", "!ec2/subnet"],
  ["autoscaling/group", "launchTemplate.id", "ec2/launchTemplate"],
  ["autoscaling/group", "launchTemplate.name", "ec2/launchTemplate"],
  [
    "autoscaling/group",
    "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId",
    "ec2/launchTemplate",
  ],
  ["autoscaling/lifecycleHook", "autoscalingGroupName", "autoscaling/group"],
  ["autoscaling/tag", "autoscalingGroupName", "autoscaling/group"],
  ["eks/cluster", "roleArn", "iam/role"],
  ["eks/cluster", "vpcConfig.subnetIds[*]", "!ec2/subnet"],
  ["eks/cluster", "vpcConfig.securityGroupIds[*]", "!ec2/securityGroup"],
  ["eks/cluster", "encryptionConfig.provider.keyArn", "kms/key"],
  ["eks/nodeGroup", "clusterName", "!eks/cluster"],
  ["eks/nodeGroup", "nodeRoleArn", "iam/role"],
  ["eks/nodeGroup", "subnetIds[*]", "!ec2/subnet"],
  ["eks/nodeGroup", "launchTemplate.id", "ec2/launchTemplate"],
  ["eks/nodeGroup", "launchTemplate.name", "ec2/launchTemplate"],
  ["eks/fargateProfile", "clusterName", "!eks/cluster"],
  ["eks/fargateProfile", "podExecutionRoleArn", "iam/role"],
  ["eks/addon", "clusterName", "eks/cluster"],
  ["eks/addon", "serviceAccountRoleArn", "iam/role"],
  ["eks/addon", "podIdentityAssociations[*].roleArn", "iam/role"],
  ["eks/accessEntry", "clusterName", "eks/cluster"],
  ["eks/accessEntry", "principalArn", "?iam/role"],
  ["eks/accessPolicyAssociation", "clusterName", "eks/cluster"],
  ["eks/podIdentityAssociation", "clusterName", "eks/cluster"],
  ["eks/podIdentityAssociation", "roleArn", "iam/role"],
  ["eks/identityProviderConfig", "clusterName", "eks/cluster"],
  ["iam/rolePolicyAttachment", "role", "!iam/role"],
  ["iam/rolePolicyAttachment", "policyArn", "!iam/policy"],
  ["iam/rolePolicy", "role", "!iam/role"],
  ["iam/instanceProfile", "role", "!iam/role"],
  ["kms/alias", "targetKeyId", "kms/key"],
  ["kms/keyPolicy", "keyId", "kms/key"],
  ["cloudwatch/logGroup", "kmsKeyId", "kms/key"],
  ["cloudwatch/eventTarget", "rule", "!cloudwatch/eventRule"],
  ["cloudwatch/eventTarget", "arn", "?sqs/queue"],
  ["sqs/queuePolicy", "queueUrl", "sqs/queue"],
  ["s3/bucketPolicy", "bucket", "s3/bucket"],
  ["s3/bucketPublicAccessBlock", "bucket", "s3/bucket"],
  ["s3/bucketVersioning", "bucket", "s3/bucket"],
  ["secretsmanager/secretVersion", "secretId", "secretsmanager/secret"],
  ["rds/subnetGroup", "subnetIds[*]", "!ec2/subnet"],
  ["rds/instance", "dbSubnetGroupName", "!rds/subnetGroup"],
  ["rds/instance", "vpcSecurityGroupIds[*]", "!ec2/securityGroup"],
  ["rds/instance", "parameterGroupName", "!rds/parameterGroup"],
  ["rds/instance", "kmsKeyId", "?kms/key"],
  ["elasticache/subnetGroup", "subnetIds[*]", "!ec2/subnet"],
  ["elasticache/replicationGroup", "subnetGroupName", "!elasticache/subnetGroup"],
  ["elasticache/replicationGroup", "securityGroupIds[*]", "!ec2/securityGroup"],
  ["elasticache/replicationGroup", "parameterGroupName", "!elasticache/parameterGroup"],
  ["elasticache/replicationGroup", "kmsKeyId", "?kms/key"],
];

const references: Reference[] = ROWS.map(([from, path, target]) => ({
  from: awsType(from),
  path,
  to: awsType(target.replace(/^[!?]/, "")),
  blocks: target.startsWith("!"),
  isForeign: target.startsWith("?"),
}));

// An association of a policy needs the principal's entry first.
references.push({
  from: awsType("eks/accessPolicyAssociation"),
  path: "principalArn",
  to: awsType("eks/accessEntry"),
  by: "principalArn",
  same: ["clusterName"],
});

const detachFirst =
  "api error DeleteConflict: Cannot delete entity, must detach all policies first, delete inline policies, and " +
  "remove roles from instance profiles first ({holder})";

/** What refers to what on AWS, and the errors of the API where that is wrong. */
export const awsReferences: ReferenceTable = {
  references,
  brought: [
    ["ec2/securityGroup", "eks/cluster", "vpcConfig.clusterSecurityGroupId"],
    ["ec2/securityGroup", "ec2/vpc", "defaultSecurityGroupId"],
    ["ec2/routeTable", "ec2/vpc", "mainRouteTableId"],
    ["ec2/routeTable", "ec2/vpc", "defaultRouteTableId"],
    ["autoscaling/group", "eks/nodeGroup", "resources[*].autoscalingGroups[*].name"],
  ].map(([type = "", by = "", path = ""]) => ({ type: awsType(type), by: awsType(by), path })),
  given: [/^arn:aws[\w-]*:iam::aws:/, /^alias\/aws\//],
  fallback: {
    missing: "api error InvalidParameterException: {path}: {value} does not exist",
    inUse: "api error ResourceInUseException: {id} is used by {holder}",
  },
  refusals: {
    [awsType("ec2/vpc")]: {
      missing: "api error InvalidVpcID.NotFound: The vpc ID '{value}' does not exist",
      inUse:
        "api error DependencyViolation: The vpc '{id}' has dependencies and cannot be deleted. ({holder})",
    },
    [awsType("ec2/subnet")]: {
      missing: "api error InvalidSubnetID.NotFound: The subnet ID '{value}' does not exist",
      inUse:
        "api error DependencyViolation: The subnet '{id}' has dependencies and cannot be deleted. ({holder})",
    },
    [awsType("ec2/securityGroup")]: {
      missing: "api error InvalidGroup.NotFound: The security group '{value}' does not exist",
      inUse: "api error DependencyViolation: resource {id} has a dependent object ({holder})",
    },
    [awsType("ec2/internetGateway")]: {
      missing:
        "api error InvalidInternetGatewayID.NotFound: The gateway ID '{value}' does not exist",
      inUse:
        "api error DependencyViolation: The internetGateway '{id}' has dependencies and cannot be deleted. ({holder})",
    },
    [awsType("ec2/routeTable")]: {
      missing: "api error InvalidRouteTableID.NotFound: The routeTable ID '{value}' does not exist",
      inUse:
        "api error DependencyViolation: The routeTable '{id}' has dependencies and cannot be deleted. ({holder})",
    },
    [awsType("ec2/eip")]: {
      missing: "api error InvalidAllocationID.NotFound: The allocation ID '{value}' does not exist",
      inUse:
        "api error AuthFailure: You do not have permission to release {id}: it is in use by {holder}",
    },
    [awsType("ec2/natGateway")]: {
      missing: "api error NatGatewayNotFound: The Nat Gateway {value} was not found",
    },
    [awsType("ec2/launchTemplate")]: {
      missing:
        "api error InvalidLaunchTemplateId.NotFound: The specified launch template {value} does not exist",
    },
    [awsType("eks/cluster")]: {
      missing: "api error ResourceNotFoundException: No cluster found for name: {value}.",
      inUse: "api error ResourceInUseException: Cluster has nodegroups attached ({holder})",
    },
    [awsType("eks/accessEntry")]: {
      missing:
        "api error ResourceNotFoundException: The specified principalArn could not be found: {value}",
    },
    [awsType("iam/role")]: {
      missing: "api error InvalidParameterException: The role {value} does not exist",
      inUse: detachFirst,
    },
    [awsType("iam/policy")]: {
      missing: "api error NoSuchEntity: Policy {value} does not exist or is not attachable.",
      inUse: "api error DeleteConflict: Cannot delete a policy attached to entities. ({holder})",
    },
    [awsType("iam/instanceProfile")]: {
      missing: "api error ValidationError: Invalid IAM Instance Profile name/ARN: {value}",
    },
    [awsType("kms/key")]: {
      missing: "api error NotFoundException: Key '{value}' does not exist",
    },
    [awsType("cloudwatch/eventRule")]: {
      missing: "api error ResourceNotFoundException: Rule {value} does not exist",
      inUse:
        "api error ValidationException: Rule can't be deleted since it has targets. ({holder})",
    },
    [awsType("secretsmanager/secret")]: {
      missing:
        "api error ResourceNotFoundException: Secrets Manager can't find the specified secret. ({value})",
    },
    // hashicorp/terraform-provider-aws#6448; umotif-public/terraform-aws-elasticache-redis#49
    [awsType("rds/parameterGroup")]: {
      inUse:
        "api error InvalidDBParameterGroupState: One or more database instances are still members of this parameter " +
        "group {id}, so the group cannot be deleted ({holder})",
    },
    [awsType("elasticache/parameterGroup")]: {
      inUse:
        "api error InvalidCacheParameterGroupState: One or more cache clusters are still members of this parameter " +
        "group {id}, so the group cannot be deleted. ({holder})",
    },
    [awsType("rds/subnetGroup")]: {
      inUse:
        "api error InvalidDBSubnetGroupStateFault: Cannot delete the subnet group '{id}' because at least one " +
        "database instance is still using it: {holder}",
    },
    [awsType("sqs/queue")]: {
      missing:
        "api error AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist: {value}",
    },
  },
};
