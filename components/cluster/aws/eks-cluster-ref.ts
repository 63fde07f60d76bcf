import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterRef } from "../cluster-ref";

/** The part of `aws.eks.Cluster` that a reference is made of. */
export interface EksControlPlane {
  arn: pulumi.Input<string>;
  certificateAuthority: pulumi.Input<{ data: string }>;
  endpoint: pulumi.Input<string>;
  kubernetesNetworkConfig: pulumi.Input<{ serviceIpv4Cidr: string }>;
  name: pulumi.Input<string>;
  version: pulumi.Input<string>;
  vpcConfig: pulumi.Input<{ clusterSecurityGroupId: string }>;
}

/** The part of `eks.Cluster`, of the package `@pulumi/eks`, that a reference is made of. */
export interface EksCluster {
  eksCluster: pulumi.Input<EksControlPlane>;
}

/**
 * How pools and Karpenter reach a cluster made with `@pulumi/eks`, which this package does not depend on.
 *
 * Give such a cluster `authenticationMode: eks.AuthenticationMode.Api`, or pools cannot add their nodes' access entries,
 * and see to the CNI and the Pod Identity agent before nodes yourself: the reference cannot wait for them.
 */
export function eksClusterRef({ eksCluster }: EksCluster): AwsClusterRef {
  const cluster = pulumi.output(eksCluster);
  return {
    arn: cluster.apply(({ arn }) => arn),
    certificateAuthorityData: cluster.apply((known) => known.certificateAuthority.data),
    clusterSecurityGroupId: cluster.apply((known) => known.vpcConfig.clusterSecurityGroupId),
    endpoint: cluster.apply(({ endpoint }) => endpoint),
    kubernetesVersion: cluster.apply(({ version }) => version),
    name: cluster.apply(({ name }) => name),
    serviceCidr: cluster.apply((known) => known.kubernetesNetworkConfig.serviceIpv4Cidr),
  };
}
