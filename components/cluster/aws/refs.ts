import type { AwsNetworkRef } from "../../network/network-ref";
import type { AwsClusterRef } from "../cluster-ref";

/**
 * The values of a reference to a cluster alone. A component that is handed another component waits for all that the
 * other makes; handed these, a pool starts as soon as nodes can join, beside the cluster's system pool.
 */
export function awsClusterRef(cluster: AwsClusterRef): AwsClusterRef {
  const { arn, certificateAuthorityData, clusterSecurityGroupId, endpoint } = cluster;
  const { kubernetesVersion, name, serviceCidr } = cluster;
  return {
    arn,
    certificateAuthorityData,
    clusterSecurityGroupId,
    endpoint,
    kubernetesVersion,
    name,
    serviceCidr,
  };
}

/** The values of a reference to a network alone: a component that is handed another one waits for all that it makes. */
export function awsNetworkRef(network: AwsNetworkRef): AwsNetworkRef {
  const { controlPlaneSubnetIds, privateSubnetIds, publicSubnetIds, vpcCidr, vpcId } = network;
  return {
    ...(controlPlaneSubnetIds !== undefined && { controlPlaneSubnetIds }),
    privateSubnetIds,
    publicSubnetIds,
    vpcCidr,
    vpcId,
  };
}
