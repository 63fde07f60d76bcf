import * as autoscaling from "@pulumi/aws/autoscaling";
import type * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import { rolloutTimeout } from "../cluster/aws/rollout";
import type { AwsKvmNodePoolArgs } from "./aws-args";
import type { NodeIdentity } from "./aws-nodes";
import type { AwsPoolPlan } from "./aws-plan";
import { groupTags } from "./aws-tags";
import { capitalEffect } from "./effects";
import { poolName, type Replacing } from "../shared/pool-name";

/** The longest name of an EKS node group. */
const LONGEST_NODE_GROUP = 63;

/** What launches the machines. */
export interface Launch {
  identity: NodeIdentity;
  template: ec2.LaunchTemplate;
}

/**
 * Creates the Auto Scaling group. It goes before role, profile and access entry: a node that lost them could neither
 * leave in order nor let go of its network interfaces.
 */
export function createAutoScalingGroup(
  parent: pulumi.Resource,
  name: string,
  plan: AwsPoolPlan,
  { cluster, subnetIds }: AwsKvmNodePoolArgs,
  { identity, template }: Launch,
): autoscaling.Group {
  // A metal machine starts, and stops, for up to 25 minutes.
  const patience = plan.nested ? "15m" : "45m";
  return new autoscaling.Group(
    name,
    {
      name,
      desiredCapacity: plan.minNodes,
      healthCheckGracePeriod: plan.healthCheckGraceSeconds,
      healthCheckType: "EC2",
      ...refresh(plan),
      ...launch(plan, template),
      ...(plan.maxInstanceLifetimeSeconds !== undefined && {
        maxInstanceLifetime: plan.maxInstanceLifetimeSeconds,
      }),
      maxSize: plan.maxNodes,
      minSize: plan.minNodes,
      // Evening out the zones would end nodes with guests on them.
      suspendedProcesses: ["AZRebalance"],
      tags: pulumi.output(cluster.name).apply((given) => groupTags(plan, name, given)),
      vpcZoneIdentifiers: subnetIds,
      waitForCapacityTimeout: patience,
      ...warmPool(plan),
    },
    {
      parent,
      dependsOn: identity.before,
      customTimeouts: { create: patience, update: patience, delete: patience },
      // The autoscaler's to move.
      ignoreChanges: plan.autoscaled ? ["desiredCapacity"] : [],
    },
  );
}

function launch({ instanceTypes, spot }: AwsPoolPlan, template: ec2.LaunchTemplate) {
  const version = template.latestVersion.apply(String);
  if (!spot && instanceTypes.length === 1) {
    return { launchTemplate: { id: template.id, version } };
  }
  return {
    mixedInstancesPolicy: {
      instancesDistribution: {
        onDemandAllocationStrategy: "prioritized",
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: spot ? 0 : 100,
        ...(spot && { spotAllocationStrategy: "price-capacity-optimized" }),
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: template.id, version },
        overrides: instanceTypes.map((instanceType) => ({ instanceType })),
      },
    },
  };
}

function refresh({ instanceRefresh }: AwsPoolPlan) {
  if (instanceRefresh === undefined) return {};
  const { minHealthyPercentage, warmupSeconds } = instanceRefresh;
  return {
    instanceRefresh: {
      strategy: "Rolling",
      preferences: {
        instanceWarmup: String(warmupSeconds),
        minHealthyPercentage,
        skipMatching: true,
      },
    },
  };
}

function warmPool({ warmPool: pool }: AwsPoolPlan) {
  if (pool === undefined) return {};
  return {
    warmPool: {
      instanceReusePolicy: { reuseOnScaleIn: false },
      maxGroupPreparedCapacity: pool.maxPreparedNodes,
      minSize: pool.minNodes,
      poolState: "Stopped",
    },
  };
}

/**
 * Creates the managed group. Its taints leave the startup taint to the user data: EKS puts a group's taints back on
 * nodes whenever one of them changes, also on nodes that were proven long ago.
 */
export function createManagedGroup(
  parent: pulumi.Resource,
  name: string,
  plan: AwsPoolPlan,
  { cluster, subnetIds }: AwsKvmNodePoolArgs,
  { identity, template }: Launch,
): eks.NodeGroup {
  const capacityType = plan.spot ? "SPOT" : "ON_DEMAND";
  const { contract, instanceTypes, maxNodes, minNodes } = plan;
  return new eks.NodeGroup(
    name,
    {
      capacityType,
      clusterName: cluster.name,
      instanceTypes,
      labels: plan.labels,
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      nodeGroupName: pulumi
        .all([cluster.name, subnetIds])
        .apply(([clusterName, subnets]) =>
          nodeGroupName(name, { capacityType, cluster: clusterName, instanceTypes, subnets }),
        ),
      nodeRoleArn: identity.role.arn,
      scalingConfig: { desiredSize: minNodes, maxSize: maxNodes, minSize: minNodes },
      subnetIds,
      tags: { ...plan.tags, Name: name },
      taints: plan.taints
        .filter(({ key }) => key !== contract.startupTaint)
        .map(({ key, value, effect }) => ({ key, value, effect: capitalEffect(effect) })),
      updateConfig: { maxUnavailable: 1 },
    },
    {
      parent,
      dependsOn: identity.before,
      customTimeouts: { update: rolloutTimeout(maxNodes, { metal: !plan.nested }) },
      ignoreChanges: plan.autoscaled ? ["scalingConfig.desiredSize"] : [],
    },
  );
}

/**
 * The name of a managed group, by what EKS replaces it for; the order of the subnets says nothing.
 * Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/node_group.go
 */
function nodeGroupName(name: string, replacing: Replacing & { subnets: string[] }): string {
  const subnets = [...replacing.subnets].sort();
  return poolName(name, { ...replacing, subnets }, LONGEST_NODE_GROUP);
}
