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
  type AwsSystemPool,
} from "./cluster/aws/args";
export { AwsCluster } from "./cluster/aws/aws-cluster";
export {
  type EksCluster,
  type EksControlPlane,
  eksClusterRef,
} from "./cluster/aws/eks-cluster-ref";
export type { AwsClusterRef } from "./cluster/cluster-ref";
