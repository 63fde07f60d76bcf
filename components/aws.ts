/**
 * Components for AWS, and what they share: `import ... from "kvm-fabric/aws"`. Loads no other cloud's SDK.
 */
export type { AwsClusterRef } from "./cluster/cluster-ref";
