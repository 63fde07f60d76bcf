import { all, type Resource } from "@pulumi/pulumi";
import { AgentPool } from "@pulumi/azure-native/containerservice/agentPool";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster";
import { azurePoolName } from "../../shared/pool-name";
import { AksUpgradeChannel } from "./args";
import type { AzureClusterPlan, ClusterPoolPlan } from "./plan";

/** Name of the system pool in Azure. */
export const SYSTEM_POOL = "system";

/**
 * The taint that AKS's own components tolerate, so that they stay on the system pool and everything else off it.
 * Source: https://learn.microsoft.com/azure/aks/use-system-pools
 */
export const SYSTEM_TAINT = "CriticalAddonsOnly=true:NoSchedule";

/**
 * The system pool as a part of the cluster: AKS makes no cluster without one, and takes none into the cluster's own
 * description later.
 */
export function systemPoolProfile(plan: AzureClusterPlan) {
  return { ...poolSettings(plan, plan.systemPool), mode: "System", name: SYSTEM_POOL };
}

/**
 * Creates the pool of ordinary pods, where it was asked for. What AKS cannot change on a pool is hashed into its name, so
 * a new pool stands before the old one goes.
 */
export function createServicesPool(
  parent: Resource,
  plan: AzureClusterPlan,
  cluster: ManagedCluster,
): AgentPool[] {
  const pool = plan.servicesPool;
  if (pool === undefined) return [];
  return [
    new AgentPool(
      `${plan.name}-services`,
      {
        ...poolSettings(plan, pool),
        agentPoolName: servicesPoolName(plan, pool, cluster),
        mode: "User",
        resourceGroupName: plan.resourceGroupName,
        resourceName: cluster.name,
      },
      { parent, ignoreChanges: poolDrift(plan, pool) },
    ),
  ];
}

/** What others change: the autoscaler the count, a channel the version. */
function poolDrift({ upgradeChannel }: AzureClusterPlan, { autoscaled }: ClusterPoolPlan) {
  return [
    ...(autoscaled ? ["count"] : []),
    ...(upgradeChannel === AksUpgradeChannel.None ? [] : ["orchestratorVersion"]),
  ];
}

function servicesPoolName(
  { network, resourceGroupName }: AzureClusterPlan,
  { diskGib, ephemeralDisk, maxPodsPerNode, vmSize, zones }: ClusterPoolPlan,
  cluster: ManagedCluster,
) {
  const fixed = { diskGib, ephemeralDisk, maxPodsPerNode, vmSize, zones };
  return all([resourceGroupName, cluster.name, network.nodeSubnetId]).apply(
    ([group, clusterName, subnet]) =>
      azurePoolName("services", { ...fixed, group, cluster: clusterName, subnet }),
  );
}

/** What both pools are made of. */
function poolSettings(plan: AzureClusterPlan, pool: ClusterPoolPlan) {
  const { kubernetesVersion, network, tags } = plan;
  return {
    availabilityZones: pool.zones,
    count: pool.minNodes,
    enableAutoScaling: pool.autoscaled,
    ...(pool.autoscaled && { minCount: pool.minNodes, maxCount: pool.maxNodes }),
    enableEncryptionAtHost: true,
    enableNodePublicIP: false,
    maxPods: pool.maxPodsPerNode,
    nodeTaints: pool.dedicated ? [SYSTEM_TAINT] : [],
    orchestratorVersion: kubernetesVersion,
    osDiskSizeGB: pool.diskGib,
    osDiskType: pool.ephemeralDisk ? "Ephemeral" : "Managed",
    osSKU: "AzureLinux",
    osType: "Linux",
    securityProfile: { enableSecureBoot: true, enableVTPM: true, sshAccess: "Disabled" },
    tags,
    type: "VirtualMachineScaleSets",
    upgradeSettings: { drainTimeoutInMinutes: 30, maxSurge: "1" },
    vmSize: pool.vmSize,
    vnetSubnetID: network.nodeSubnetId,
  };
}
