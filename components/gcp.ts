/**
 * Components for Google Cloud, and what they share: `import ... from "kvm-fabric/gcp"`. Loads no other cloud's SDK.
 */
export type { GcpClusterRef } from "./cluster/cluster-ref";
export {
  type GcpClusterArgs,
  type GkeClusterPool,
  GkeExclusionScope,
  type GkeMaintenanceExclusion,
  type GkeMaintenanceWindow,
  GkeReleaseChannel,
} from "./cluster/gcp/args";
export { GcpCluster } from "./cluster/gcp/gcp-cluster";
export { gcpClusterRef, gcpNetworkRef } from "./cluster/gcp/refs";
export { Weekday } from "./cluster/weekday";
export {
  type HostLimits,
  type HostProfile,
  type Hugepages,
  HugepageSize,
  NxHugePages,
  Smt,
} from "./host-profile/host-profile";
export { type DeclaredMachine, KvmAccess } from "./kvm-node-pool/catalogue/machine";
export { GcpKvmNodePool } from "./kvm-node-pool/gcp";
export {
  type GcpKvmNodePoolArgs,
  GkeClusterMode,
  GkeImageType,
  GkeLocationPolicy,
  GkeUpgradeStrategy,
} from "./kvm-node-pool/gcp-args";
export { GcpNetwork } from "./network/gcp";
export type { GcpFlowLogs, GcpNetworkArgs } from "./network/gcp-args";
export { NatMode } from "./network/nat-mode";
export type { GcpNetworkRef } from "./network/network-ref";
export type { ArchitectureAssets, Artefact, AssetSet } from "./node-provisioner/asset-set";
export type { BootGate } from "./node-provisioner/boot-gate";
export { type Taint, TaintEffect } from "./shared/kvm-nodes";
export { MachineArchitecture } from "./shared/machine-architecture";
