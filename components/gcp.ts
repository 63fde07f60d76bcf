/**
 * Components for Google Cloud, and what they share: `import ... from "kvm-fabric/gcp"`. Loads no other cloud's SDK.
 */
export type { GcpClusterRef } from "./cluster/cluster-ref";
export {
  type HostLimits,
  type HostProfile,
  type Hugepages,
  HugepageSize,
  NxHugePages,
  Smt,
} from "./host-profile/host-profile";
export { GcpNetwork } from "./network/gcp";
export type { GcpFlowLogs, GcpNetworkArgs } from "./network/gcp-args";
export { NatMode } from "./network/nat-mode";
export type { GcpNetworkRef } from "./network/network-ref";
