/**
 * Components for Azure, and what they share: `import ... from "kvm-fabric/azure"`. Loads no other cloud's SDK.
 */
export type { AzureClusterRef } from "./cluster/cluster-ref";
export {
  type HostLimits,
  type HostProfile,
  type Hugepages,
  HugepageSize,
  NxHugePages,
  Smt,
} from "./host-profile/host-profile";
export { AzureNetwork } from "./network/azure";
export type { AzureFlowLogs, AzureNetworkArgs } from "./network/azure-args";
export { NatMode } from "./network/nat-mode";
export type { AzureNetworkRef } from "./network/network-ref";
