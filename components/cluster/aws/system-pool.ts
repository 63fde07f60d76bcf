import { createHash } from "node:crypto";
import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import { objectName } from "../../shared/names";
import type { AwsClusterPlan, SystemPoolPlan } from "./plan";
import { serviceTrust } from "./policies";
import { createRole } from "./roles";
import { isBottlerocket } from "./system-pool-faults";

/** A system pool, and the role that its nodes have. */
export interface SystemPool {
  nodeGroup: eks.NodeGroup;
  nodeRoleName: pulumi.Output<string>;
}

/** Creates the role, launch template and node group of the system pool. */
export function createSystemPool(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  cluster: eks.Cluster,
  before: pulumi.Resource[],
): SystemPool {
  const { name, names, systemPool, tags } = plan;
  const { policies, role } = createRole(parent, {
    name: `${name}-system`,
    roleName: names.role("system"),
    trust: serviceTrust("ec2.amazonaws.com"),
    managedPolicies: [
      "AmazonEKSWorkerNodePolicy",
      "AmazonEC2ContainerRegistryPullOnly",
      ...(systemPool.sessionManager ? ["AmazonSSMManagedInstanceCore"] : []),
    ],
    tags,
  });
  const template = createLaunchTemplate(parent, plan);
  const nodeGroup = createNodeGroup(parent, plan, { cluster, roleArn: role.arn, template }, [
    ...policies,
    ...before,
  ]);
  return { nodeGroup, nodeRoleName: role.name };
}

/** Neither image nor security group is named here: EKS fills in both, the group being the cluster's own. */
function createLaunchTemplate(
  parent: pulumi.Resource,
  { name, names, systemPool, tags }: AwsClusterPlan,
): ec2.LaunchTemplate {
  const ownTags = { ...tags, Name: names.launchTemplate };
  return new ec2.LaunchTemplate(
    `${name}-system`,
    {
      name: names.launchTemplate,
      updateDefaultVersion: true,
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      blockDeviceMappings: disks(systemPool),
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: ownTags,
      })),
      tags: ownTags,
    },
    { parent },
  );
}

/** Bottlerocket keeps its system on a small first disk, and what pods write on a second. */
function disks({ diskGib, image }: SystemPoolPlan) {
  const ebs = { encrypted: "true", volumeType: "gp3", deleteOnTermination: "true" };
  const data = { ...ebs, volumeSize: diskGib };
  return isBottlerocket(image)
    ? [
        { deviceName: "/dev/xvda", ebs },
        { deviceName: "/dev/xvdb", ebs: data },
      ]
    : [{ deviceName: "/dev/xvda", ebs: data }];
}

function createNodeGroup(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  of: { cluster: eks.Cluster; roleArn: pulumi.Output<string>; template: ec2.LaunchTemplate },
  dependsOn: pulumi.Resource[],
): eks.NodeGroup {
  const { name, names, network, systemPool, tags } = plan;
  const { image, instanceTypes, maxNodes, minNodes } = systemPool;
  return new eks.NodeGroup(
    `${name}-system`,
    {
      clusterName: of.cluster.name,
      nodeGroupName: nodeGroupName(plan),
      nodeRoleArn: of.roleArn,
      subnetIds: network.privateSubnetIds,
      amiType: image,
      version: systemPool.kubernetesVersion,
      releaseVersion: systemPool.releaseVersion,
      capacityType: "ON_DEMAND",
      instanceTypes,
      launchTemplate: { id: of.template.id, version: of.template.latestVersion.apply(String) },
      scalingConfig: { minSize: minNodes, maxSize: maxNodes, desiredSize: minNodes },
      taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" }],
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      tags: { ...tags, Name: `${names.cluster}-system` },
    },
    { parent, dependsOn, ignoreChanges: ["scalingConfig.desiredSize"] },
  );
}

/**
 * A name with the hash of what replaces a node group, so that the new one can stand before the old one goes.
 * Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/node_group.go
 */
function nodeGroupName({ names, network, systemPool }: AwsClusterPlan): pulumi.Output<string> {
  const { image, instanceTypes } = systemPool;
  return pulumi.output(network.privateSubnetIds).apply((subnetIds) => {
    const content = JSON.stringify([image, instanceTypes, [...subnetIds].sort()]);
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
    return objectName([names.cluster, "system", hash], 63);
  });
}
