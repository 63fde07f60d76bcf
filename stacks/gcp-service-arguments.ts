import type { DataStoreConsumer } from "../components/data-store/consumers";
import { gcpNetworkDefaults } from "../components/network/gcp-plan";
import type { GcpNetworkRef } from "../components/network/network-ref";
import type { QueenUploads } from "../components/trace-uploader/args";
import type { GcpTraceUploaderArgs } from "../components/trace-uploader/gcp/args";
import { plainTags } from "./cloud-defaults";
import { cloudNames } from "./cloud-names";
import { deletionProtectionOf, profiles } from "./environments";
import type { GcpFabricConfig } from "./gcp-arguments";
import type { GcpConfig } from "./gcp-schema";
import { managedUploaderArgs, type StoreKind } from "./managed-services";

/** Where a store stands, and who reaches it there. */
export interface GcpStorePlace {
  consumers: DataStoreConsumer[];
  network: GcpNetworkRef;
}

/**
 * The arguments of `GcpPostgres` or `GcpRedis`: the stack's own settings, and what the composition gives. Pods call from
 * their range of the stack's own network; of a network that exists nobody knows it, so the stack's file says it. Pure, as
 * all of this file.
 */
export function gcpStoreArgs<Settings extends object>(
  config: GcpFabricConfig,
  kind: StoreKind,
  settings: Settings,
  { consumers, network }: GcpStorePlace,
) {
  return {
    allowedCidrs: podRanges(config.gcp),
    highAvailability: profiles[config.environment].highAvailability,
    instanceName: cloudNames(config)[kind],
    ...settings,
    consumers,
    deletionProtection: deletionProtectionOf(config),
    ...ownPlace(config, network),
  };
}

function podRanges({ network }: GcpConfig): string[] {
  return network === undefined ? [] : [network.podCidr ?? gcpNetworkDefaults.podCidr];
}

/** The arguments of the uploader. */
export function gcpUploaderArgs(
  config: GcpFabricConfig,
  settings: NonNullable<GcpConfig["traceUploader"]>,
  network: GcpNetworkRef,
  queen: QueenUploads,
): GcpTraceUploaderArgs {
  return managedUploaderArgs(config, settings, queen, ownPlace(config, network));
}

function ownPlace(config: GcpFabricConfig, network: GcpNetworkRef) {
  const { labels, project } = config.gcp;
  return { labels: plainTags(config, labels), network, project };
}
