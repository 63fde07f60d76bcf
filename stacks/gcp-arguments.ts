import type { GcpClusterRef } from "../components/cluster/cluster-ref";
import type { GcpClusterArgs } from "../components/cluster/gcp/args";
import type { GcpKvmNodePoolArgs } from "../components/kvm-node-pool/gcp-args";
import type { GcpNetworkArgs } from "../components/network/gcp-args";
import type { GcpNetworkRef } from "../components/network/network-ref";
import { plainTags, servicesPoolOf, systemPoolOf } from "./cloud-defaults";
import { cloudNames } from "./cloud-names";
import type { GcpConfig } from "./gcp-schema";
import { deletionProtectionOf } from "./environments";
import type { FabricConfig } from "./schema";

/** A stack's configuration whose target is Google Cloud. */
export interface GcpFabricConfig extends FabricConfig {
  gcp: GcpConfig;
}

/** Says whether the settings of the target are there. */
export function isForGcp(config: FabricConfig): config is GcpFabricConfig {
  return config.gcp !== undefined;
}

/** The arguments of the network. Pure, as all of this file. */
export function gcpNetworkArgs(
  { gcp }: GcpFabricConfig,
  network: NonNullable<GcpConfig["network"]>,
): GcpNetworkArgs {
  return { ...network, project: gcp.project, region: gcp.region };
}

/** The arguments of the cluster. */
export function gcpClusterArgs(config: GcpFabricConfig, network: GcpNetworkRef): GcpClusterArgs {
  const { cluster = {}, labels, project } = config.gcp;
  return {
    ...cluster,
    clusterName: cloudNames(config).cluster,
    deletionProtection: deletionProtectionOf(config),
    labels: plainTags(config, labels),
    network,
    project,
    // Consul's servers are ordinary pods, as much else is that a cluster gets.
    servicesPool: servicesPoolOf(config, cluster.servicesPool ?? {}),
    systemPool: systemPoolOf(config, cluster.systemPool ?? {}),
  };
}

/** The arguments of one pool of KVM machines. */
export function gcpPoolArgs(
  config: GcpFabricConfig,
  pool: NonNullable<GcpConfig["pools"]>[string],
  cluster: GcpClusterRef,
): GcpKvmNodePoolArgs {
  return { ...pool, cluster, domain: config.domain, tags: plainTags(config, config.gcp.labels) };
}
