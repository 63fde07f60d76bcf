import type { Input } from "@pulumi/pulumi";

/**
 * How pools, Karpenter and providers reach an EKS cluster, whoever made it: `AwsCluster`, `@pulumi/eks`, another
 * tool. Each value is an output of the cluster.
 */
export interface AwsClusterRef {
  /** ARN of the cluster; its partition, region and account are read from it. */
  arn: Input<string>;
  /** The certificate of the cluster's authority: PEM in base64, as EKS gives it. Public. */
  certificateAuthorityData: Input<string>;
  /** Id of the security group that EKS made for the cluster: every node needs it. */
  clusterSecurityGroupId: Input<string>;
  /** URL of the API server. */
  endpoint: Input<string>;
  /** Minor version, as in `1.36`. */
  kubernetesVersion: Input<string>;
  /** Name of the cluster. */
  name: Input<string>;
  /** Range of the Services' addresses, as in `172.20.0.0/16`; a node is told. */
  serviceCidr: Input<string>;
}

/** How pools and providers reach a GKE cluster, whoever made it. */
export interface GcpClusterRef {
  /** The certificate of the cluster's authority: PEM in base64, as GKE gives it; empty for a DNS endpoint. Public. */
  certificateAuthorityData: Input<string>;
  /** URL of the API server. */
  endpoint: Input<string>;
  /** Version of the control plane, as in `1.36.3-gke.1640000`. */
  kubernetesVersion: Input<string>;
  /** Region, or zone of a zonal cluster. */
  location: Input<string>;
  /** Name of the cluster. */
  name: Input<string>;
  /** Id of the project. */
  project: Input<string>;
}

/** How pools and providers reach an AKS cluster, whoever made it. */
export interface AzureClusterRef {
  /** The certificate of the cluster's authority: PEM in base64. Public. */
  certificateAuthorityData: Input<string>;
  /** URL of the API server. */
  endpoint: Input<string>;
  /** Version of the control plane, as in `1.36.2`. */
  kubernetesVersion: Input<string>;
  /** Name of the cluster. */
  name: Input<string>;
  /** Resource group of the cluster. */
  resourceGroupName: Input<string>;
}
