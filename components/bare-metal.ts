/**
 * Components for one's own machines: `import ... from "kvm-fabric/bare-metal"`. Loads no cloud's SDK.
 */
export {
  Cni,
  Encryption,
  HostRole,
  type ApiEndpoint,
  type BareMetalClusterArgs,
  type ClusterNetwork,
  type EtcdSnapshots,
  type Host,
  type HostAccess,
  type K3sRelease,
  type SnapshotBucket,
  type Sums,
} from "./cluster/bare-metal/args";
export { BareMetalCluster } from "./cluster/bare-metal/bare-metal-cluster";
export {
  bareMetalClusterRef,
  type BareMetalClusterOutputs,
  type BareMetalClusterRef,
} from "./cluster/bare-metal/cluster-ref";
