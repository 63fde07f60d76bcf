import type { Input } from "@pulumi/pulumi";
import type { AwsClusterArgs, AwsClusterPool } from "../components/cluster/aws/args";
import type { AwsClusterRef } from "../components/cluster/cluster-ref";
import type { KarpenterArgs } from "../components/karpenter/args";
import type { AwsKvmNodePoolArgs } from "../components/kvm-node-pool/aws-args";
import type { AwsNetworkArgs } from "../components/network/aws-args";
import type { AwsNetworkRef } from "../components/network/network-ref";
import type { AwsConfig } from "./aws-schema";
import { cloudTags, servicesPoolOf, systemPoolOf } from "./cloud-defaults";
import { cloudNames } from "./cloud-names";
import { deletionProtectionOf, profiles } from "./environments";
import type { FabricConfig } from "./schema";

/** A stack's configuration whose target is AWS. */
export interface AwsFabricConfig extends FabricConfig {
  aws: AwsConfig;
}

/** Says whether the settings of the target are there. */
export function isForAws(config: FabricConfig): config is AwsFabricConfig {
  return config.aws !== undefined;
}

/** The arguments of the network. Pure, as all of this file. */
export function awsNetworkArgs(
  config: AwsFabricConfig,
  network: NonNullable<AwsConfig["network"]>,
): AwsNetworkArgs {
  const { logRetentionDays, natMode } = profiles[config.environment];
  return {
    discoveryName: cloudNames(config).cluster,
    natMode,
    ...network,
    flowLogs: { retentionDays: logRetentionDays, ...network.flowLogs },
    tags: cloudTags(config, config.aws.tags),
  };
}

/** The arguments of the cluster. */
export function awsClusterArgs(config: AwsFabricConfig, network: AwsNetworkRef): AwsClusterArgs {
  const { cluster } = config.aws;
  const services: AwsClusterPool = cluster.servicesPool ?? likeSystemPool(cluster.systemPool);
  return {
    logRetentionDays: profiles[config.environment].logRetentionDays,
    ...cluster,
    clusterName: cloudNames(config).cluster,
    deletionProtection: deletionProtectionOf(config),
    network,
    servicesPool: servicesPoolOf(config, services),
    systemPool: systemPoolOf(config, cluster.systemPool),
    tags: cloudTags(config, config.aws.tags),
  };
}

/** Consul's servers are ordinary pods, as much else is that a cluster gets: they run on what the system runs on. */
function likeSystemPool({ image, kubernetesVersion, releaseVersion }: AwsClusterPool) {
  return {
    releaseVersion,
    ...(image !== undefined && { image }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
  };
}

/** The arguments of one pool of KVM machines. */
export function awsPoolArgs(
  config: AwsFabricConfig,
  pool: NonNullable<AwsConfig["pools"]>[string],
  cluster: AwsClusterRef,
  subnetIds: Input<Input<string>[]>,
): AwsKvmNodePoolArgs {
  return {
    ...pool,
    cluster,
    subnetIds,
    domain: config.domain,
    tags: cloudTags(config, config.aws.tags),
  };
}

/** The arguments of Karpenter. */
export function karpenterArgs(
  config: AwsFabricConfig,
  karpenter: NonNullable<AwsConfig["karpenter"]>,
  cluster: AwsClusterRef,
): KarpenterArgs {
  return {
    ...karpenter,
    cluster,
    domain: config.domain,
    kubernetesVersion: config.aws.cluster.kubernetesVersion,
    tags: cloudTags(config, config.aws.tags),
  };
}
