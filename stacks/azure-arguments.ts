import type { Input } from "@pulumi/pulumi";
import type { AzureClusterArgs } from "../components/cluster/azure/args";
import type { AzureClusterRef } from "../components/cluster/cluster-ref";
import type { AzureKvmNodePoolArgs } from "../components/kvm-node-pool/azure-args";
import type { AzureNetworkArgs } from "../components/network/azure-args";
import type { AzureNetworkRef } from "../components/network/network-ref";
import type { AzureConfig } from "./azure-schema";
import { plainTags, servicesPoolOf, systemPoolOf } from "./cloud-defaults";
import { cloudNames } from "./cloud-names";
import { deletionProtectionOf, profiles } from "./environments";
import type { FabricConfig } from "./schema";

/** A stack's configuration whose target is Azure. */
export interface AzureFabricConfig extends FabricConfig {
  azure: AzureConfig;
}

/** Says whether the settings of the target are there. */
export function isForAzure(config: FabricConfig): config is AzureFabricConfig {
  return config.azure !== undefined;
}

/** The arguments of the network. Pure, as all of this file. */
export function azureNetworkArgs(
  config: AzureFabricConfig,
  network: NonNullable<AzureConfig["network"]>,
): AzureNetworkArgs {
  const { location, resourceGroupName, tags } = config.azure;
  const { logRetentionDays } = profiles[config.environment];
  const { flowLogs } = network;
  return {
    ...network,
    ...(flowLogs !== undefined && { flowLogs: { retentionDays: logRetentionDays, ...flowLogs } }),
    location,
    resourceGroupName,
    tags: plainTags(config, tags),
  };
}

/** The arguments of the cluster: in the stack's own resource group, else in that of the network. */
export function azureClusterArgs(
  config: AzureFabricConfig,
  network: AzureNetworkRef,
): AzureClusterArgs {
  const { cluster, location, resourceGroupName, tags } = config.azure;
  const { logs = {}, servicesPool = {}, systemPool = {} } = cluster;
  const retentionDays = profiles[config.environment].logRetentionDays;
  return {
    ...cluster,
    clusterName: cloudNames(config).cluster,
    deletionProtection: deletionProtectionOf(config),
    location,
    // A workspace that is there already has a retention of its own.
    logs: { ...(logs.workspaceId === undefined && { retentionDays }), ...logs },
    network,
    resourceGroupName,
    // Consul's servers are ordinary pods, as much else is that a cluster gets.
    servicesPool: servicesPoolOf(config, servicesPool),
    systemPool: systemPoolOf(config, systemPool),
    tags: plainTags(config, tags),
  };
}

/** The arguments of one pool of KVM machines. */
export function azurePoolArgs(
  config: AzureFabricConfig,
  pool: NonNullable<AzureConfig["pools"]>[string],
  cluster: AzureClusterRef,
  subnetId: Input<string>,
): AzureKvmNodePoolArgs {
  return {
    ...pool,
    cluster,
    domain: config.domain,
    subnetId,
    tags: plainTags(config, config.azure.tags),
  };
}
