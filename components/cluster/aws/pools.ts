import { createHash } from "node:crypto";
import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import { objectName } from "../../shared/names";
import type { AwsClusterPlan, ClusterPoolPlan } from "./plan";
import { serviceTrust } from "./policies";
import { createRole } from "./roles";
import { rolloutTimeout } from "./rollout";
import { isBottlerocket } from "./pool-faults";

/** A pool of the cluster, and the role that its nodes have. */
export interface ClusterPool {
  nodeGroup: eks.NodeGroup;
  nodeRoleName: pulumi.Output<string>;
}

/** Keeps everything else off the system pool. */
const SYSTEM_TAINT = { key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" };

/** Creates the role, launch template and node group of a pool of the cluster. */
export function createPool(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  pool: ClusterPoolPlan,
  cluster: eks.Cluster,
  before: pulumi.Resource[],
): ClusterPool {
  const { name, names, tags } = plan;
  const { policies, role } = createRole(parent, {
    name: `${name}-${pool.word}`,
    roleName: names.role(pool.word),
    trust: serviceTrust("ec2.amazonaws.com"),
    managedPolicies: [
      "AmazonEKSWorkerNodePolicy",
      "AmazonEC2ContainerRegistryPullOnly",
      ...(pool.sessionManager ? ["AmazonSSMManagedInstanceCore"] : []),
    ],
    tags,
  });
  const template = createLaunchTemplate(parent, plan, pool);
  const of = { cluster, roleArn: role.arn, template };
  const nodeGroup = createNodeGroup(parent, plan, pool, of, [...policies, ...before]);
  return { nodeGroup, nodeRoleName: role.name };
}

/** Neither image nor security group is named here: EKS fills in both, the group being the cluster's own. */
function createLaunchTemplate(
  parent: pulumi.Resource,
  { name, names, tags }: AwsClusterPlan,
  pool: ClusterPoolPlan,
): ec2.LaunchTemplate {
  const templateName = names.launchTemplate(pool.word);
  const ownTags = { ...tags, Name: templateName };
  return new ec2.LaunchTemplate(
    `${name}-${pool.word}`,
    {
      name: templateName,
      updateDefaultVersion: true,
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      blockDeviceMappings: disks(pool),
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
function disks({ diskGib, image }: ClusterPoolPlan) {
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
  pool: ClusterPoolPlan,
  of: { cluster: eks.Cluster; roleArn: pulumi.Output<string>; template: ec2.LaunchTemplate },
  dependsOn: pulumi.Resource[],
): eks.NodeGroup {
  const { name, names, network, tags } = plan;
  const { image, instanceTypes, maxNodes, minNodes } = pool;
  return new eks.NodeGroup(
    `${name}-${pool.word}`,
    {
      clusterName: of.cluster.name,
      nodeGroupName: nodeGroupName(plan, pool),
      nodeRoleArn: of.roleArn,
      subnetIds: network.privateSubnetIds,
      amiType: image,
      version: pool.kubernetesVersion,
      releaseVersion: pool.releaseVersion,
      capacityType: "ON_DEMAND",
      instanceTypes,
      launchTemplate: { id: of.template.id, version: of.template.latestVersion.apply(String) },
      scalingConfig: { minSize: minNodes, maxSize: maxNodes, desiredSize: minNodes },
      ...(pool.dedicated && { taints: [SYSTEM_TAINT] }),
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      tags: { ...tags, Name: `${names.cluster}-${pool.word}` },
    },
    {
      parent,
      dependsOn,
      ignoreChanges: ["scalingConfig.desiredSize"],
      customTimeouts: { update: rolloutTimeout(maxNodes, { metal: false }) },
    },
  );
}

/**
 * A name with the hash of what replaces a node group, so that the new one can stand before the old one goes.
 * Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/node_group.go
 */
function nodeGroupName(
  { names, network }: AwsClusterPlan,
  { image, instanceTypes, word }: ClusterPoolPlan,
): pulumi.Output<string> {
  return pulumi.output(network.privateSubnetIds).apply((subnetIds) => {
    const content = JSON.stringify([image, instanceTypes, [...subnetIds].sort()]);
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
    return objectName([names.cluster, word, hash], 63);
  });
}
