/**
 * Components for one's own machines: `import ... from "kvm-fabric/bare-metal"`. Loads no cloud's SDK.
 */
export {
  Cni,
  Distribution,
  Encryption,
  HostRole,
  type ApiEndpoint,
  type BareMetalClusterArgs,
  type ClusterNetwork,
  type ClusterRelease,
  type EtcdSnapshots,
  type Host,
  type HostAccess,
  type Manifest,
  type SnapshotBucket,
  type Sums,
} from "./cluster/bare-metal/args";
export { BareMetalCluster } from "./cluster/bare-metal/bare-metal-cluster";
export {
  bareMetalClusterRef,
  type BareMetalClusterOutputs,
  type BareMetalClusterRef,
} from "./cluster/bare-metal/cluster-ref";
export {
  HugepageSize,
  NxHugePages,
  Smt,
  type HostLimits,
  type HostProfile,
  type Hugepages,
} from "./host-profile/host-profile";
export { BareMetalKvmNodePool } from "./kvm-node-pool/bare-metal";
export type { BareMetalKvmNodePoolArgs, KvmHost } from "./kvm-node-pool/bare-metal-args";
export type { ArchitectureAssets, Artefact, AssetSet } from "./node-provisioner/asset-set";
export type { BootGate } from "./node-provisioner/boot-gate";
export { type Taint, TaintEffect } from "./shared/kvm-nodes";
export { MachineArchitecture } from "./shared/machine-architecture";
