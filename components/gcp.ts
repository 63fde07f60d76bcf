/**
 * Components for Google Cloud, and what they share: `import ... from "kvm-fabric/gcp"`. Loads no other cloud's SDK.
 */
export type { GcpClusterRef } from "./cluster/cluster-ref";
