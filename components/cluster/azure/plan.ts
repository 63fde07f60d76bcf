import type { Input } from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../network/network-ref";
import { type Planned, planned } from "../../shared/faults";
import { objectName } from "../../shared/names";
import { versionWarnings } from "../versions";
import {
  type AksAccess,
  type AksClusterPool,
  type AksEtcdKey,
  AksLogin,
  AksNodeOsChannel,
  AksOutbound,
  AksPrivateDns,
  AksTier,
  AksUpgradeChannel,
  type AzureClusterArgs,
} from "./args";
import {
  defaults,
  LONGEST_CLUSTER_NAME,
  LONGEST_DNS_PREFIX,
  LONGEST_NODE_GROUP_NAME,
} from "./defaults";
import { AKS_CALENDAR } from "./calendar";
import { azureClusterFaults, supportOf } from "./faults";
import { type MaintenancePlan, maintenancePlan } from "./maintenance";
import { dnsServiceIp } from "./overlay";

/** A pool of the cluster, with every default filled in. */
export interface ClusterPoolPlan {
  autoscaled: boolean;
  /** Whether only what tolerates `CriticalAddonsOnly` runs there. */
  dedicated: boolean;
  diskGib: number;
  ephemeralDisk: boolean;
  maxNodes: number;
  maxPodsPerNode: number;
  minNodes: number;
  vmSize: string;
  zones: string[];
}

/** Where the API server's name leads, and who may come. */
export interface ApiServerPlan {
  /** Empty for a private API server. */
  authorizedRanges: string[];
  /** Where nodes come from to a public one. */
  egressRanges: Input<Input<string>[]>;
  isPrivate: boolean;
  /** Whether the private API server's name is in public DNS. */
  publicName: boolean;
  privateDnsZone: Input<string>;
}

/** An AKS cluster, with every default filled in. */
export interface AzureClusterPlan {
  /** Logical name. */
  name: string;
  access: AksAccess[];
  adminGroupObjectIds: Input<string>[];
  api: ApiServerPlan;
  auditCategory: string;
  clusterName: string;
  defender: boolean;
  deletionProtection: boolean;
  diskEncryptionSetId: Input<string> | undefined;
  dnsPrefix: string;
  dnsServiceIp: string;
  etcdKey: AksEtcdKey | undefined;
  imageCleanerHours: number;
  kubeconfigLogin: string;
  kubernetesVersion: string;
  location: Input<string>;
  maintenance: MaintenancePlan;
  managementLock: boolean;
  network: AzureNetworkRef;
  nodeAutoProvisioning: boolean;
  nodeOsUpgradeChannel: string;
  nodeResourceGroupName: string;
  outboundType: string;
  podCidr: string;
  privateDnsZoneId: Input<string> | undefined;
  resourceGroupName: Input<string>;
  retentionDays: number;
  serviceCidr: string;
  servicesPool: ClusterPoolPlan | undefined;
  supportPlan: string;
  systemPool: ClusterPoolPlan;
  tags: Record<string, string>;
  tier: AksTier;
  upgradeChannel: AksUpgradeChannel;
  /** What the user should know, though nothing is wrong. */
  warnings: string[];
  workspaceId: Input<string> | undefined;
}

/**
 * Plans an AKS cluster, or names everything that is wrong with its arguments.
 *
 * @param today the day by which a version's support is judged
 */
export function planAzureCluster(
  name: string,
  args: AzureClusterArgs,
  today: Date = new Date(),
): Planned<AzureClusterPlan> {
  return planned(azureClusterFaults(name, args, today), () => ({
    ...names(name, args),
    ...ranges(args),
    ...protection(args),
    ...upgrades(args),
    ...logs(args),
    access: args.access ?? [],
    adminGroupObjectIds: args.adminGroupObjectIds,
    api: apiServer(args),
    defender: args.defender ?? false,
    diskEncryptionSetId: args.diskEncryptionSetId,
    etcdKey: args.etcdKey,
    imageCleanerHours: args.imageCleanerHours ?? defaults.imageCleanerHours,
    kubeconfigLogin: args.kubeconfigLogin ?? AksLogin.AzureCli,
    location: args.location ?? args.network.location,
    network: args.network,
    nodeAutoProvisioning: args.nodeAutoProvisioning ?? false,
    outboundType: args.outbound ?? AksOutbound.NatGateway,
    privateDnsZoneId: args.privateDnsZoneId,
    resourceGroupName: args.resourceGroupName ?? args.network.resourceGroupName,
    servicesPool: args.servicesPool && clusterPool(args, args.servicesPool, false),
    systemPool: clusterPool(args, args.systemPool ?? {}, true),
    tags: args.tags ?? {},
    tier: args.tier ?? AksTier.Standard,
    warnings: versionWarnings(args.kubernetesVersion, AKS_CALENDAR, supportOf(args, today)),
  }));
}

function names(name: string, args: AzureClusterArgs) {
  const clusterName = args.clusterName ?? objectName([name], LONGEST_CLUSTER_NAME);
  // A cluster's name may hold underscores, a DNS name may not.
  const host = clusterName.replaceAll("_", "-");
  return {
    name,
    clusterName,
    dnsPrefix: args.dnsPrefix ?? objectName([host], LONGEST_DNS_PREFIX),
    nodeResourceGroupName:
      args.nodeResourceGroupName ?? objectName([clusterName, "nodes"], LONGEST_NODE_GROUP_NAME),
  };
}

function ranges(args: AzureClusterArgs) {
  const { podCidr = defaults.podCidr, serviceCidr = defaults.serviceCidr } = args;
  return { podCidr, serviceCidr, dnsServiceIp: dnsServiceIp(serviceCidr) };
}

function protection(args: AzureClusterArgs) {
  const deletionProtection = args.deletionProtection ?? true;
  return { deletionProtection, managementLock: args.managementLock ?? false };
}

function upgrades(args: AzureClusterArgs) {
  return {
    kubernetesVersion: args.kubernetesVersion,
    maintenance: maintenancePlan(args.maintenanceWindow),
    nodeOsUpgradeChannel: args.nodeOsUpgradeChannel ?? AksNodeOsChannel.None,
    supportPlan: (args.longTermSupport ?? false) ? "AKSLongTermSupport" : "KubernetesOfficial",
    upgradeChannel: args.upgradeChannel ?? AksUpgradeChannel.None,
  };
}

function logs({ logs: { auditReads = true, retentionDays, workspaceId } = {} }: AzureClusterArgs) {
  return {
    // The one holds all of the other, and what was read beside.
    auditCategory: auditReads ? "kube-audit" : "kube-audit-admin",
    retentionDays: retentionDays ?? defaults.retentionDays,
    workspaceId,
  };
}

function apiServer(args: AzureClusterArgs): ApiServerPlan {
  const { privateDns = AksPrivateDns.System, privateDnsZoneId, publicAccessCidrs = [] } = args;
  const isPrivate = publicAccessCidrs.length === 0;
  return {
    authorizedRanges: publicAccessCidrs,
    egressRanges: args.egressCidrs ?? [],
    isPrivate,
    privateDnsZone: privateDnsZoneId ?? privateDns,
    publicName: isPrivate && privateDnsZoneId === undefined && privateDns === AksPrivateDns.None,
  };
}

function clusterPool(
  { nodeAutoProvisioning, zones }: AzureClusterArgs,
  pool: AksClusterPool,
  dedicated: boolean,
): ClusterPoolPlan {
  const minNodes = pool.minNodes ?? defaults.pool.minNodes;
  const most = Math.max(minNodes, defaults.pool.maxNodes);
  const maxNodes = pool.maxNodes ?? ((nodeAutoProvisioning ?? false) ? minNodes : most);
  return {
    autoscaled: maxNodes > minNodes,
    dedicated,
    diskGib: pool.diskGib ?? defaults.pool.diskGib,
    ephemeralDisk: pool.ephemeralDisk ?? false,
    maxNodes,
    maxPodsPerNode: pool.maxPodsPerNode ?? defaults.pool.maxPodsPerNode,
    minNodes,
    vmSize: pool.vmSize ?? defaults.pool.vmSize,
    zones: zones ?? [...defaults.zones],
  };
}
