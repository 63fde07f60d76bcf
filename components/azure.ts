/**
 * Components for Azure, and what they share: `import ... from "kvm-fabric/azure"`. Loads no other cloud's SDK.
 */
export type { AzureClusterRef } from "./cluster/cluster-ref";
