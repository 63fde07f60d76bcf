import type { AzureNetworkRef } from "../../network/network-ref";
import type { AzureClusterRef } from "../cluster-ref";

/**
 * The values of a reference to a cluster alone. A component that is handed another component waits for all that the
 * other makes; handed these, a pool starts as soon as nodes can join.
 */
export function azureClusterRef(cluster: AzureClusterRef): AzureClusterRef {
  const { certificateAuthorityData, endpoint, kubernetesVersion, name, resourceGroupName } =
    cluster;
  return { certificateAuthorityData, endpoint, kubernetesVersion, name, resourceGroupName };
}

/** The values of a reference to a network alone: a cluster need not wait for flow logs. */
export function azureNetworkRef(network: AzureNetworkRef): AzureNetworkRef {
  const { apiServerSubnetId, location, nodeSubnetId, resourceGroupName, vnetCidr, vnetId } =
    network;
  const api = apiServerSubnetId === undefined ? {} : { apiServerSubnetId };
  return { ...api, location, nodeSubnetId, resourceGroupName, vnetCidr, vnetId };
}
