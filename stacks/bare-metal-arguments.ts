import type { BareMetalClusterArgs } from "../components/cluster/bare-metal/args";
import type { BareMetalClusterRef } from "../components/cluster/bare-metal/cluster-ref";
import type { BareMetalKvmNodePoolArgs } from "../components/kvm-node-pool/bare-metal-args";
import type { BareMetalConfig } from "./bare-metal-schema";
import { deletionProtectionOf } from "./environments";
import type { FabricConfig } from "./schema";

/** A stack's configuration whose target is one's own machines. */
export interface BareMetalFabricConfig extends FabricConfig {
  bareMetal: BareMetalConfig;
}

/** Says whether the settings of the target are there. */
export function isForBareMetal(config: FabricConfig): config is BareMetalFabricConfig {
  return config.bareMetal !== undefined;
}

/** The arguments of the cluster. Pure, as all of this file. */
export function bareMetalClusterArgs(config: BareMetalFabricConfig): BareMetalClusterArgs {
  return {
    ...config.bareMetal.cluster,
    access: accessOf(config),
    deletionProtection: deletionProtectionOf(config),
  };
}

/** The arguments of one pool of KVM machines, which runs the cluster's release. */
export function bareMetalPoolArgs(
  config: BareMetalFabricConfig,
  pool: NonNullable<BareMetalConfig["pools"]>[string],
  cluster: BareMetalClusterRef,
): BareMetalKvmNodePoolArgs {
  const { release } = config.bareMetal.cluster;
  return { ...pool, access: accessOf(config), cluster, domain: config.domain, release };
}

/** How every machine is logged in to. What is missing is a fault of the configuration's check. */
export function accessOf({ sshPrivateKey = "" }: FabricConfig) {
  return { privateKey: sshPrivateKey };
}
