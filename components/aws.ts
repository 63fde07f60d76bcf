/**
 * Components for AWS, and what they share: `import ... from "kvm-fabric/aws"`. Loads no other cloud's SDK.
 */
export {
  type AwsAccessEntry,
  AwsAccessPolicy,
  type AwsAddOnVersions,
  type AwsClusterArgs,
  AwsNodeImage,
  AwsSupportType,
  type AwsClusterPool,
} from "./cluster/aws/args";
export { AwsCluster } from "./cluster/aws/aws-cluster";
export {
  type EksCluster,
  type EksControlPlane,
  eksClusterRef,
} from "./cluster/aws/eks-cluster-ref";
export { awsClusterRef, awsNetworkRef } from "./cluster/aws/refs";
export { gp3StorageClass } from "./cluster/aws/storage-class";
export type { AwsClusterRef } from "./cluster/cluster-ref";
export {
  AutoscalerExpander,
  type AutoscalerSettings,
  type AwsClusterAutoscalerArgs,
} from "./cluster-autoscaler/args";
export { AwsClusterAutoscaler } from "./cluster-autoscaler/aws";
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
export {
  type KarpenterArgs,
  KarpenterImageFamily,
  type KarpenterPool,
  type KarpenterResources,
  type KarpenterVolume,
} from "./karpenter/args";
export { Karpenter } from "./karpenter/karpenter";
export {
  type KarpenterBudget,
  KarpenterCapacity,
  KarpenterConsolidation,
  KarpenterDisruption,
  type KarpenterScaling,
  type KarpenterTaint,
  type KarpenterWarmBuffer,
} from "./karpenter/pool-args";
export { AwsKvmNodePool } from "./kvm-node-pool/aws";
export {
  AwsImageFamily,
  type AwsInstanceRefresh,
  type AwsKvmNodePoolArgs,
  AwsNodeGroup,
  type AwsWarmPool,
} from "./kvm-node-pool/aws-args";
export { type DeclaredMachine, KvmAccess } from "./kvm-node-pool/catalogue/machine";
export { AwsNetwork } from "./network/aws";
export type { AwsFlowLogs, AwsNetworkArgs } from "./network/aws-args";
export { NatMode } from "./network/nat-mode";
export type { AwsNetworkRef } from "./network/network-ref";
export type { ArchitectureAssets, Artefact, AssetSet } from "./node-provisioner/asset-set";
export type { BootGate } from "./node-provisioner/boot-gate";
export type { AwsPostgresArgs } from "./postgres/aws/args";
export { AwsPostgres } from "./postgres/aws/aws-postgres";
export { EvictionPolicy } from "./redis/args";
export type { AwsRedisArgs } from "./redis/aws/args";
export { AwsRedis } from "./redis/aws/aws-redis";
export { type Taint, TaintEffect } from "./shared/kvm-nodes";
export { MachineArchitecture } from "./shared/machine-architecture";
export type { Toleration } from "./shared/node-contract";
export type {
  ArchiveLifecycle,
  QueenUploads,
  UploadAlarms,
  UploadSettings,
} from "./trace-uploader/args";
export type { AwsExistingBucket, AwsTraceUploaderArgs } from "./trace-uploader/aws/args";
export { AwsTraceUploader } from "./trace-uploader/aws/aws-trace-uploader";
export { queenUploads, type QueenUploadsOutputs } from "./trace-uploader/queen-uploads";
