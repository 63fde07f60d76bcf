/**
 * Components that need a Kubernetes cluster and nothing of any cloud: `import ... from "kvm-fabric/kubernetes"`.
 */
export { ApiGateway } from "./api-gateway/api-gateway";
export type {
  ApiGatewayArgs,
  ApiGatewayAutoscaling,
  ApiGatewayEgress,
  ApiGatewayMetrics,
  ApiGatewayPeer,
  ApiGatewayProbes,
  ApiGatewayResources,
  ApiGatewaySecretVariable,
  ApiGatewayWorkers,
} from "./api-gateway/args";
export {
  type ApiGatewayIngress,
  type ApiGatewayLimits,
  type ApiGatewayParent,
  type ApiGatewayRoute,
  type ApiGatewayTls,
  EdgeController,
} from "./api-gateway/exposure-args";
export { apiGatewayFlows, apiGatewayPodLabels } from "./api-gateway/ports";
export {
  AutoscalerExpander,
  type AutoscalerSettings,
  type ClusterAutoscalerArgs,
} from "./cluster-autoscaler/args";
export { ClusterAutoscaler } from "./cluster-autoscaler/cluster-autoscaler";
export { Consul } from "./consul/consul";
export {
  ConsulRole,
  type ConsulArgs,
  type ConsulConsumer,
  type ConsulResources,
  type ConsulSnapshots,
  type ExternalConsul,
} from "./consul/args";
export { consulRef, type ConsulOutputs, type ConsulRef } from "./consul/consul-ref";
export type { DataStoreConsumer } from "./data-store/consumers";
export {
  dataStoreRef,
  type DataStoreOutputs,
  type DataStoreRef,
} from "./data-store/data-store-ref";
export type { ExternalDataStore } from "./data-store/external";
export type { DataStoreIssuer } from "./data-store/issuer";
export { IssuerKind } from "./shared/issuer-kind";
export { DATA_STORE_KEYS } from "./data-store/keys";
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
export { hostCloudConfig } from "./host-profile/cloud-init";
export {
  type HostLimits,
  type HostProfile,
  type Hugepages,
  HugepageSize,
  NxHugePages,
  Smt,
} from "./host-profile/host-profile";
export { hostImageScript } from "./host-profile/image-script";
export { Protocol, Zone, type FlowEnd, type FlowPort, type NetworkFlow } from "./namespaces/flows";
export { Namespaces, type NamespacesArgs } from "./namespaces/namespaces";
export type { ApiServerAccess } from "./namespaces/plan";
export type { ArchitectureAssets, Artefact, AssetSet } from "./node-provisioner/asset-set";
export type { BootGate } from "./node-provisioner/boot-gate";
export { installerScript, type InstallerOptions } from "./node-provisioner/script/provision-script";
export { NodeProvisioner, type NodeProvisionerArgs } from "./node-provisioner/node-provisioner";
export type {
  ExternalPostgres,
  PostgresArgs,
  PostgresPeer,
  PostgresResources,
} from "./postgres/args";
export {
  BackupCloud,
  type PostgresBackups,
  type PostgresObjectStore,
  type PostgresRecovery,
} from "./postgres/backup-args";
export { Postgres } from "./postgres/postgres";
export { EvictionPolicy, type RedisArgs } from "./redis/args";
export { Redis } from "./redis/redis";
export {
  type QueenArgs,
  type QueenCertificates,
  QueenCloud,
  type QueenConsumer,
  type QueenGuest,
  type QueenIssuer,
  type QueenLoadBalancer,
} from "./queen/args";
export { Queen, type QueenIdentityValue } from "./queen/queen";
export { queenRef, type QueenOutputs, type QueenRef } from "./queen/queen-ref";
export { QueenRole } from "./queen/roles";
export { MachineArchitecture } from "./shared/machine-architecture";
export type { Toleration } from "./shared/node-contract";
export { Accelerator } from "./vm-pod/accelerator";
export type { UploadAlarms, UploadSettings } from "./trace-uploader/args";
export {
  type TraceStore,
  type TraceUploaderArgs,
  type UploaderResources,
  UploadVerification,
} from "./trace-uploader/kubernetes/args";
export { TraceUploader } from "./trace-uploader/kubernetes/trace-uploader";
export type {
  GuestNetwork,
  QemuGuest,
  WorkerDaemonSetArgs,
  WorkerRegistration,
  WorkerResources,
  WorkerSecretVariable,
} from "./worker/args";
export { Isolation, TapDevices, Vmm } from "./worker/vmm";
export { WorkerDaemonSet } from "./worker/worker-daemon-set";
