import type { Input } from "@pulumi/pulumi";

/**
 * How clusters and pools reach a VPC, whoever made it: an `AwsNetwork` is one by itself, and an existing VPC is given
 * by its ids.
 */
export interface AwsNetworkRef {
  /** Ids of the private subnets, in at least two zones: nodes are in them, and need a way out from the first second. */
  privateSubnetIds: Input<Input<string>[]>;
  /** Ids of the public subnets, for load balancers that face the internet; may be empty. */
  publicSubnetIds: Input<Input<string>[]>;
  /** Range of the VPC, as in `10.0.0.0/16`. */
  vpcCidr: Input<string>;
  /** Id of the VPC. */
  vpcId: Input<string>;
  /**
   * Ids of subnets for the control plane's interfaces, in at least two zones: they need no way out, so that these may be
   * known earlier, or be small ones of their own. Defaults to `privateSubnetIds`.
   */
  controlPlaneSubnetIds?: Input<Input<string>[]>;
}

/**
 * How clusters and pools reach a network of Google Cloud, whoever made it: a `GcpNetwork` is one by itself, and an
 * existing network is given by its ids.
 */
export interface GcpNetworkRef {
  /** Id of the network, as in `projects/PROJECT/global/networks/NAME`. */
  networkId: Input<string>;
  /** Name of the subnetwork's secondary range for pods. */
  podRangeName: Input<string>;
  /** Region of the subnetwork. */
  region: Input<string>;
  /** Name of the subnetwork's secondary range for Services. */
  serviceRangeName: Input<string>;
  /** Id of the subnetwork that nodes stand in, as in `projects/PROJECT/regions/REGION/subnetworks/NAME`. */
  subnetworkId: Input<string>;
}

/**
 * How clusters and pools reach a virtual network of Azure, whoever made it: an `AzureNetwork` is one by itself, and an
 * existing network is given by its ids.
 */
export interface AzureNetworkRef {
  /** Region of the network, as in `westeurope`. */
  location: Input<string>;
  /** Id of the subnet for nodes of whatever zone: that of the system pool. Subnets of Azure span zones. */
  nodeSubnetId: Input<string>;
  /** Resource group of the network. */
  resourceGroupName: Input<string>;
  /** Range of the network, as in `10.0.0.0/16`. */
  vnetCidr: Input<string>;
  /** Id of the network. */
  vnetId: Input<string>;
  /** Id of a subnet that is delegated to the API server, at least a /28. Defaults to none: AKS then brings its own endpoint. */
  apiServerSubnetId?: Input<string>;
}
