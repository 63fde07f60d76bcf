/** A cluster of a simulated cloud, as far as its API server goes. */
export interface SimulatedCluster {
  /** The provider's id of the cluster; unique over all clouds. */
  id: string;
  /** Type token of the resource, as in `aws:eks/cluster:Cluster`. */
  type: string;
  /** Name that the program gave it. */
  name: string;
  /** Region of the cluster; left out on clouds whose tokens are for clusters of any region. */
  region?: string;
  /**
   * Address of loopback at which it answers beside the one of its own, on the port 6443, as a load balancer would in
   * front of its servers. Defaults to none.
   */
  address?: string;
}

/** Where a simulated cluster answers. */
export interface ClusterAccess {
  /** URL of a real API server of the lab. */
  endpoint: string;
  /** Its authority's certificate: PEM in base64. */
  certificateAuthorityData: string;
}

/** A taint that a simulated node joins with. */
export interface NodeTaint {
  key: string;
  value: string;
  effect: string;
}

/** A machine that has a name and an address before it joins a cluster. */
export interface NamedMachine {
  name: string;
  address: string;
  /** Version of its kubelet, as in `v1.36.3+k3s1`. */
  kubeletVersion: string;
}

/** Machines that a simulated pool runs, and what their nodes join with. */
export interface SimulatedPool {
  /** The provider's id of the pool; unique over all clouds. */
  id: string;
  /** {@link SimulatedCluster.id} of the cluster that the machines join. */
  clusterId: string;
  /** Name that the nodes' names begin with. */
  name: string;
  /** Number of machines that run now. */
  count: number;
  /** Machine type, as the cloud calls it. */
  machineType: string;
  /** Zones over which the machines are spread. */
  zones: string[];
  labels: Record<string, string>;
  taints: NodeTaint[];
  /** The machines, where they are not the cloud's to name: as many as `count`. Defaults to none. */
  machines?: NamedMachine[];
}

/**
 * What the simulated clouds do outside their own records: clusters answer with the lab's real API servers, machines
 * become simulated nodes. All calls may be repeated: each states what should be.
 */
export interface CloudEffects {
  /** Makes an API server answer for the cluster; the same cluster gets the same one. */
  openCluster(cluster: SimulatedCluster): Promise<ClusterAccess>;
  /** Gives the API server back, its nodes gone. */
  closeCluster(clusterId: string): Promise<void>;
  /** Makes the pool's nodes be exactly those that it describes. */
  setPool(pool: SimulatedPool): Promise<void>;
  /** Takes the pool's nodes away. */
  removePool(poolId: string): Promise<void>;
}
