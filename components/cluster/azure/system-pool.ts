import type { AzureClusterPlan } from "./plan";

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
  const { kubernetesVersion, network, systemPool: pool, tags } = plan;
  return {
    availabilityZones: pool.zones,
    count: pool.minNodes,
    enableAutoScaling: pool.autoscaled,
    ...(pool.autoscaled && { minCount: pool.minNodes, maxCount: pool.maxNodes }),
    enableEncryptionAtHost: true,
    enableNodePublicIP: false,
    maxPods: pool.maxPodsPerNode,
    mode: "System",
    name: SYSTEM_POOL,
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
