import type { Input } from "@pulumi/pulumi";
import type { DataStoreConsumer } from "../components/data-store/consumers";
import { azureNetworkDefaults } from "../components/network/azure-plan";
import type { AzureNetworkRef } from "../components/network/network-ref";
import type { QueenUploads } from "../components/trace-uploader/args";
import type { AzureTraceUploaderArgs } from "../components/trace-uploader/azure/args";
import type { AzureFabricConfig } from "./azure-arguments";
import type { AzureConfig } from "./azure-schema";
import { plainTags } from "./cloud-defaults";
import { cloudNames } from "./cloud-names";
import { deletionProtectionOf, profiles } from "./environments";
import { managedUploaderArgs, type StoreKind } from "./managed-services";

/** Where a store stands, and who reaches it there. */
export interface AzureStorePlace {
  consumers: DataStoreConsumer[];
  network: AzureNetworkRef;
}

/**
 * The arguments of `AzurePostgres` or `AzureRedis`: the stack's own settings, and what the composition gives. Pods call with
 * the addresses of their nodes, which are in the network; in a subnet that exists its own rules say who reaches the store.
 * Pure, as all of this file.
 */
export function azureStoreArgs<Settings extends { subnetId?: Input<string> }>(
  config: AzureFabricConfig,
  kind: StoreKind,
  settings: Settings,
  { consumers, network }: AzureStorePlace,
) {
  const { azure, environment } = config;
  return {
    ...(settings.subnetId === undefined && { allowedCidrs: networkRanges(azure) }),
    highAvailability: profiles[environment].highAvailability,
    instanceName: cloudNames(config)[kind],
    ...settings,
    consumers,
    deletionProtection: deletionProtectionOf(config),
    ...ownPlace(config, network),
  };
}

function networkRanges({ existingNetwork, network }: AzureConfig): string[] {
  if (existingNetwork === undefined) return [network?.cidr ?? azureNetworkDefaults.cidr];
  const { vnetCidr } = existingNetwork;
  return typeof vnetCidr === "string" ? [vnetCidr] : [];
}

/** The arguments of the uploader. */
export function azureUploaderArgs(
  config: AzureFabricConfig,
  settings: NonNullable<AzureConfig["traceUploader"]>,
  network: AzureNetworkRef,
  queen: QueenUploads,
): AzureTraceUploaderArgs {
  return managedUploaderArgs(config, settings, queen, ownPlace(config, network));
}

function ownPlace(config: AzureFabricConfig, network: AzureNetworkRef) {
  const { resourceGroupName, tags } = config.azure;
  return { network, resourceGroupName, tags: plainTags(config, tags) };
}
