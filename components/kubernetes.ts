/**
 * Components that need a Kubernetes cluster and nothing of any cloud: `import ... from "kvm-fabric/kubernetes"`.
 */
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
export { MachineArchitecture } from "./shared/machine-architecture";
export type { Toleration } from "./shared/node-contract";
export type {
  GuestNetwork,
  QemuGuest,
  WorkerDaemonSetArgs,
  WorkerRegistration,
  WorkerResources,
  WorkerSecretVariable,
} from "./worker/args";
export { Accelerator, Isolation, TapDevices, Vmm } from "./worker/vmm";
export { WorkerDaemonSet } from "./worker/worker-daemon-set";
