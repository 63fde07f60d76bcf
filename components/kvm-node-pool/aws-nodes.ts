import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { serviceTrust } from "../cluster/aws/policies";
import { createRole } from "../cluster/aws/roles";
import { objectName } from "../shared/names";
import { AwsImageFamily, type AwsKvmNodePoolArgs } from "./aws-args";
import type { AwsPoolPlan } from "./aws-plan";
import { nodeUserData } from "./aws-user-data";

/** The longest names of roles and of launch templates. */
const LONGEST = { role: 64, template: 128 } as const;

/** Pods in their own network are a hop further away: at one hop, none of them gets the node's credentials. */
const METADATA_OPTIONS = {
  httpEndpoint: "enabled",
  httpTokens: "required",
  httpPutResponseHopLimit: 1,
  instanceMetadataTags: "disabled",
} as const;

/** Who the nodes are to AWS and to the cluster. */
export interface NodeIdentity {
  /** What must be there before a node starts, and outlive it. */
  before: pulumi.Resource[];
  /** Undefined where EKS makes it: a managed group's. */
  instanceProfileName: pulumi.Output<string> | undefined;
  role: iam.Role;
}

/**
 * Creates the nodes' role and lets it into the cluster. For a managed group EKS makes profile and access entry itself,
 * and refuses a second entry of the same role.
 */
export function createIdentity(
  parent: pulumi.Resource,
  name: string,
  { managed, policies: managedPolicies, tags }: AwsPoolPlan,
  { cluster }: AwsKvmNodePoolArgs,
): NodeIdentity {
  const roleName = objectName([name, "nodes"], LONGEST.role);
  const { policies, role } = createRole(parent, {
    name: `${name}-nodes`,
    roleName,
    trust: serviceTrust("ec2.amazonaws.com"),
    managedPolicies,
    tags,
  });
  if (managed) return { before: policies, instanceProfileName: undefined, role };
  const profile = new iam.InstanceProfile(
    `${name}-nodes`,
    { name: roleName, role: role.name, tags: { ...tags, Name: roleName } },
    { parent },
  );
  const entry = new eks.AccessEntry(
    `${name}-nodes`,
    { clusterName: cluster.name, principalArn: role.arn, type: "EC2_LINUX", tags },
    { parent },
  );
  return { before: [...policies, profile, entry], instanceProfileName: profile.name, role };
}

/** Creates the launch template: every edit is a new version of it, never another template. */
export function createLaunchTemplate(
  parent: pulumi.Resource,
  name: string,
  plan: AwsPoolPlan,
  args: AwsKvmNodePoolArgs,
  { instanceProfileName }: NodeIdentity,
): ec2.LaunchTemplate {
  const tags = { ...plan.tags, Name: name };
  return new ec2.LaunchTemplate(
    name,
    {
      name: objectName([name], LONGEST.template),
      blockDeviceMappings: disks(plan, args),
      ...(plan.nested && { cpuOptions: { nestedVirtualization: "enabled" } }),
      ebsOptimized: "true",
      ...(instanceProfileName !== undefined && {
        iamInstanceProfile: { name: instanceProfileName },
      }),
      imageId: args.imageId,
      // A managed group names the types itself, and refuses a template that does too.
      ...(!plan.managed && { instanceType: plan.instanceTypes[0] ?? "" }),
      metadataOptions: METADATA_OPTIONS,
      monitoring: { enabled: plan.detailedMonitoring },
      ...placement(args),
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags,
      })),
      tags,
      updateDefaultVersion: true,
      userData: userData(plan, args),
      vpcSecurityGroupIds: securityGroups(args),
    },
    { parent },
  );
}

function userData(plan: AwsPoolPlan, { cluster }: AwsKvmNodePoolArgs): pulumi.Output<string> {
  const { certificateAuthorityData, endpoint, name, serviceCidr } = cluster;
  return pulumi
    .output({ certificateAuthorityData, endpoint, name, serviceCidr })
    .apply((facts) => Buffer.from(nodeUserData(plan, facts)).toString("base64"));
}

/** Bottlerocket keeps its system on a small first disk, and what pods write on a second. */
function disks({ diskGib, imageFamily }: AwsPoolPlan, { diskKmsKeyArn }: AwsKvmNodePoolArgs) {
  const ebs = {
    deleteOnTermination: "true",
    encrypted: "true",
    ...(diskKmsKeyArn !== undefined && { kmsKeyId: diskKmsKeyArn }),
    volumeType: "gp3",
  };
  const data = { ...ebs, volumeSize: diskGib };
  return imageFamily === AwsImageFamily.Bottlerocket
    ? [
        { deviceName: "/dev/xvda", ebs },
        { deviceName: "/dev/xvdb", ebs: data },
      ]
    : [{ deviceName: "/dev/xvda", ebs: data }];
}

function placement({ capacityReservationId, placementGroupName }: AwsKvmNodePoolArgs) {
  return {
    ...(capacityReservationId !== undefined && {
      capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId } },
    }),
    ...(placementGroupName !== undefined && { placement: { groupName: placementGroupName } }),
  };
}

function securityGroups({ cluster, securityGroupIds }: AwsKvmNodePoolArgs) {
  return pulumi
    .all([cluster.clusterSecurityGroupId, securityGroupIds ?? []])
    .apply(([own, further]) => [own, ...further]);
}
