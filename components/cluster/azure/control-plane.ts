import { type Input, output, type Resource, type ResourceHook } from "@pulumi/pulumi";
import {
  ManagedCluster,
  type ManagedClusterArgs,
} from "@pulumi/azure-native/containerservice/managedCluster";
import { oneMinorUpgrade } from "../upgrade-hook";
import { AksTier, AksUpgradeChannel } from "./args";
import { fixedSystemPool } from "./fixed-pool-hook";
import type { ClusterIdentity } from "./identity";
import type { AzureClusterPlan } from "./plan";
import { systemPoolProfile } from "./pools";

/** Creates the control plane and, as AKS wants it, the system pool with it. */
export function createControlPlane(
  parent: Resource,
  plan: AzureClusterPlan,
  { identity, grants }: ClusterIdentity,
  workspaceId: Input<string>,
): ManagedCluster {
  return new ManagedCluster(
    plan.name,
    {
      ...basics(plan),
      ...access(plan),
      ...networking(plan),
      ...security(plan, workspaceId),
      ...releases(plan),
      agentPoolProfiles: [systemPoolProfile(plan)],
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
    },
    {
      parent,
      dependsOn: grants,
      hooks: { beforeUpdate: updateHooks(plan) },
      ignoreChanges: clusterDrift(plan),
      protect: plan.deletionProtection,
    },
  );
}

function updateHooks({ name }: AzureClusterPlan): ResourceHook[] {
  const version = { input: "kubernetesVersion", output: "currentKubernetesVersion" };
  return [...oneMinorUpgrade("AzureCluster", name, version), ...fixedSystemPool(name)];
}

/** What others change: the autoscaler the count, a channel the version. */
function clusterDrift({ systemPool, upgradeChannel }: AzureClusterPlan): string[] {
  const moved =
    upgradeChannel === AksUpgradeChannel.None
      ? []
      : ["kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"];
  return systemPool.autoscaled ? ["agentPoolProfiles[0].count", ...moved] : moved;
}

function basics(plan: AzureClusterPlan) {
  return {
    diskEncryptionSetID: plan.diskEncryptionSetId,
    dnsPrefix: plan.dnsPrefix,
    location: plan.location,
    metricsProfile: { costAnalysis: { enabled: plan.tier !== AksTier.Free } },
    nodeProvisioningProfile: {
      mode: plan.nodeAutoProvisioning ? "Auto" : "Manual",
      defaultNodePools: "None",
    },
    nodeResourceGroup: plan.nodeResourceGroupName,
    // Machines and disks are AKS's own: whoever changes one by hand breaks it.
    nodeResourceGroupProfile: { restrictionLevel: "ReadOnly" },
    resourceGroupName: plan.resourceGroupName,
    resourceName: plan.clusterName,
    sku: { name: "Base", tier: plan.tier },
    tags: plan.tags,
  } satisfies ManagedClusterArgs;
}

function access({ adminGroupObjectIds, api, network }: AzureClusterPlan) {
  const reach = api.isPrivate
    ? {
        enablePrivateCluster: true,
        enablePrivateClusterPublicFQDN: api.publicName,
        privateDNSZone: api.privateDnsZone,
      }
    : {
        authorizedIPRanges: output(api.egressRanges).apply((egress) => [
          ...api.authorizedRanges,
          ...egress,
        ]),
        enablePrivateCluster: false,
      };
  return {
    aadProfile: {
      adminGroupObjectIDs: adminGroupObjectIds,
      enableAzureRBAC: true,
      managed: true,
    },
    apiServerAccessProfile: {
      ...reach,
      disableRunCommand: true,
      ...(network.apiServerSubnetId !== undefined && {
        enableVnetIntegration: true,
        subnetId: network.apiServerSubnetId,
      }),
    },
    disableLocalAccounts: true,
    enableRBAC: true,
  } satisfies Partial<ManagedClusterArgs>;
}

function networking({ dnsServiceIp, outboundType, podCidr, serviceCidr }: AzureClusterPlan) {
  return {
    networkProfile: {
      dnsServiceIP: dnsServiceIp,
      ipFamilies: ["IPv4"],
      loadBalancerSku: "standard",
      networkDataplane: "cilium",
      networkPlugin: "azure",
      networkPluginMode: "overlay",
      networkPolicy: "cilium",
      outboundType,
      podCidr,
      serviceCidr,
    },
  } satisfies Partial<ManagedClusterArgs>;
}

function security(
  { defender, etcdKey, imageCleanerHours }: AzureClusterPlan,
  workspace: Input<string>,
) {
  return {
    oidcIssuerProfile: { enabled: true },
    securityProfile: {
      azureKeyVaultKms:
        etcdKey === undefined
          ? undefined
          : {
              enabled: true,
              keyId: etcdKey.keyId,
              keyVaultNetworkAccess: "Public",
              keyVaultResourceId: etcdKey.keyVaultId,
            },
      defender: defender
        ? { logAnalyticsWorkspaceResourceId: workspace, securityMonitoring: { enabled: true } }
        : undefined,
      imageCleaner: { enabled: true, intervalHours: imageCleanerHours },
      workloadIdentity: { enabled: true },
    },
  } satisfies Partial<ManagedClusterArgs>;
}

function releases(plan: AzureClusterPlan) {
  return {
    autoUpgradeProfile: {
      nodeOSUpgradeChannel: plan.nodeOsUpgradeChannel,
      upgradeChannel: plan.upgradeChannel,
    },
    kubernetesVersion: plan.kubernetesVersion,
    supportPlan: plan.supportPlan,
  } satisfies Partial<ManagedClusterArgs>;
}
