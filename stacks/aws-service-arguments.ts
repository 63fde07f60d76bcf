import type { Input } from "@pulumi/pulumi";
import type { DataStoreConsumer } from "../components/data-store/consumers";
import type { AwsNetworkRef } from "../components/network/network-ref";
import type { QueenUploads } from "../components/trace-uploader/args";
import type { AwsTraceUploaderArgs } from "../components/trace-uploader/aws/args";
import type { AwsFabricConfig } from "./aws-arguments";
import type { AwsConfig } from "./aws-schema";
import { cloudTags } from "./cloud-defaults";
import { cloudNames } from "./cloud-names";
import { deletionProtectionOf, profiles } from "./environments";
import { managedUploaderArgs, type StoreKind } from "./managed-services";

/** Where a store stands, and who reaches it there. */
export interface AwsStorePlace {
  /** The security group of the cluster's nodes, and of their pods. */
  clusterSecurityGroupId: Input<string>;
  consumers: DataStoreConsumer[];
  network: AwsNetworkRef;
}

/**
 * The arguments of `AwsPostgres` or `AwsRedis`: the stack's own settings, and what the composition gives. Further security
 * groups of the stack's file are let in beside the cluster's. Pure, as all of this file.
 */
export function awsStoreArgs<Settings extends { allowedSecurityGroupIds?: Input<string>[] }>(
  config: AwsFabricConfig,
  kind: StoreKind,
  settings: Settings,
  { clusterSecurityGroupId, consumers, network }: AwsStorePlace,
) {
  const { highAvailability, logRetentionDays } = profiles[config.environment];
  const { allowedSecurityGroupIds = [] } = settings;
  return {
    highAvailability,
    instanceName: cloudNames(config)[kind],
    logRetentionDays,
    ...settings,
    allowedSecurityGroupIds: [...allowedSecurityGroupIds, clusterSecurityGroupId],
    consumers,
    deletionProtection: deletionProtectionOf(config),
    ...ownPlace(config, network),
  };
}

/** The arguments of the uploader. */
export function awsUploaderArgs(
  config: AwsFabricConfig,
  settings: NonNullable<AwsConfig["traceUploader"]>,
  network: AwsNetworkRef,
  queen: QueenUploads,
): AwsTraceUploaderArgs {
  return managedUploaderArgs(config, settings, queen, ownPlace(config, network));
}

function ownPlace(config: AwsFabricConfig, network: AwsNetworkRef) {
  return { network, tags: cloudTags(config, config.aws.tags) };
}
