import type { GcpNetworkRef } from "../../network/network-ref";
import type { GcpClusterRef } from "../cluster-ref";

/**
 * The values of a reference to a cluster alone. A component that is handed another component waits for all that the
 * other makes; handed these, a pool starts as soon as nodes can join, beside the cluster's system pool.
 */
export function gcpClusterRef(cluster: GcpClusterRef): GcpClusterRef {
  const { certificateAuthorityData, endpoint, kubernetesVersion, location, name, project } =
    cluster;
  return { certificateAuthorityData, endpoint, kubernetesVersion, location, name, project };
}

/** The values of a reference to a network alone; the subnetwork's id waits for what lets nodes out. */
export function gcpNetworkRef(network: GcpNetworkRef): GcpNetworkRef {
  const { networkId, podRangeName, region, serviceRangeName, subnetworkId } = network;
  return { networkId, podRangeName, region, serviceRangeName, subnetworkId };
}
