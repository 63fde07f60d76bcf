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
export type { DataStoreConsumer } from "./data-store/consumers";
export {
  type DataStoreOutputs,
  type DataStoreRef,
  dataStoreRef,
} from "./data-store/data-store-ref";
export type {
  DataMaintenanceWindow,
  ManagedPostgresArgs,
  ManagedStoreArgs,
} from "./data-store/managed/args";
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
export type { GcpPostgresArgs } from "./postgres/gcp/args";
export { GcpPostgres } from "./postgres/gcp/gcp-postgres";
export { EvictionPolicy } from "./redis/args";
export type { GcpRedisArgs } from "./redis/gcp/args";
export { GcpRedis } from "./redis/gcp/gcp-redis";
export { type Taint, TaintEffect } from "./shared/kvm-nodes";
export { MachineArchitecture } from "./shared/machine-architecture";
export type {
  ArchiveLifecycle,
  QueenUploads,
  UploadAlarms,
  UploadSettings,
} from "./trace-uploader/args";
export type { GcpTraceUploaderArgs } from "./trace-uploader/gcp/args";
export { GcpTraceUploader } from "./trace-uploader/gcp/gcp-trace-uploader";
export { queenUploads, type QueenUploadsOutputs } from "./trace-uploader/queen-uploads";
