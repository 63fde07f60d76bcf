/**
 * Components for Azure, and what they share: `import ... from "kvm-fabric/azure"`. Loads no other cloud's SDK.
 */
export {
  type AksAccess,
  type AksClusterPool,
  type AksEtcdKey,
  AksLogin,
  type AksLogs,
  type AksMaintenanceWindow,
  AksNodeOsChannel,
  AksOutbound,
  AksPrincipalType,
  AksPrivateDns,
  AksRole,
  AksTier,
  AksUpgradeChannel,
  type AzureClusterArgs,
} from "./cluster/azure/args";
export { AzureCluster } from "./cluster/azure/azure-cluster";
export { azureClusterRef, azureNetworkRef } from "./cluster/azure/refs";
export type { AzureClusterRef } from "./cluster/cluster-ref";
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
export type { AzureStorePlace } from "./data-store/managed/azure-args";
export { KarpenterNodePools } from "./karpenter/karpenter-node-pools";
export type {
  AksMachines,
  KarpenterNodeClass,
  KarpenterNodePool,
  KarpenterNodePoolsArgs,
  KarpenterRequirement,
} from "./karpenter/node-pools-args";
export {
  type KarpenterBudget,
  KarpenterCapacity,
  KarpenterConsolidation,
  KarpenterDisruption,
  type KarpenterScaling,
  type KarpenterTaint,
  type KarpenterWarmBuffer,
} from "./karpenter/pool-args";
export { Weekday } from "./cluster/weekday";
export {
  type HostLimits,
  type HostProfile,
  type Hugepages,
  HugepageSize,
  NxHugePages,
  Smt,
} from "./host-profile/host-profile";
export { AzureKvmNodePool } from "./kvm-node-pool/azure";
export {
  AksImage,
  AksOsDisk,
  type AksSpot,
  AksWorkloadRuntime,
  type AzureKvmNodePoolArgs,
} from "./kvm-node-pool/azure-args";
export { type DeclaredMachine, KvmAccess } from "./kvm-node-pool/catalogue/machine";
export { AzureNetwork } from "./network/azure";
export type { AzureFlowLogs, AzureNetworkArgs } from "./network/azure-args";
export { NatMode } from "./network/nat-mode";
export type { AzureNetworkRef } from "./network/network-ref";
export type { ArchitectureAssets, Artefact, AssetSet } from "./node-provisioner/asset-set";
export type { BootGate } from "./node-provisioner/boot-gate";
export type { AzurePostgresArgs } from "./postgres/azure/args";
export { AzurePostgres } from "./postgres/azure/azure-postgres";
export { EvictionPolicy } from "./redis/args";
export type { AzureRedisArgs } from "./redis/azure/args";
export { AzureRedis } from "./redis/azure/azure-redis";
export { type Taint, TaintEffect } from "./shared/kvm-nodes";
export { MachineArchitecture } from "./shared/machine-architecture";
export type {
  ArchiveLifecycle,
  QueenUploads,
  UploadAlarms,
  UploadSettings,
} from "./trace-uploader/args";
export type { AzureExistingContainer, AzureTraceUploaderArgs } from "./trace-uploader/azure/args";
export { AzureTraceUploader } from "./trace-uploader/azure/azure-trace-uploader";
export { queenUploads, type QueenUploadsOutputs } from "./trace-uploader/queen-uploads";
