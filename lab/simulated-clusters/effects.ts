import { labClient } from "../cluster/cluster";
import type { ClusterAccess, CloudEffects, SimulatedPool } from "../engine/simulated-cloud/effects";
import type { KubeClient } from "../kube/client";
import type { ToolPaths } from "../toolchain";
import { type Note, removeSimulatedCluster, startSimulatedCluster } from "./open";
import { reconcilePool, removePoolNodes } from "./pool";
import {
  findSimulatedCluster,
  forgetPool,
  listPools,
  listSimulatedClusters,
  type OpenCluster,
  recordPool,
  simulatedClusterFolder,
} from "./record";
import { inTurn } from "./turns";

/** What the effects work with. */
export interface EffectOptions {
  /** Folder of the lab. */
  state: string;
  /** Finds the programs of a control plane; asked when the first cluster is opened. */
  tools: () => Promise<ToolPaths>;
  note: Note;
}

/**
 * What simulated clouds do to Kubernetes: each cluster gets a real API server of its own, each machine a simulated node.
 *
 * All of it is noted under the lab's state folder, so that it outlives this process. Calls about one cluster run one
 * after the other, and so do starts of API servers.
 */
export function simulatedClusters({ state, tools, note }: EffectOptions): CloudEffects {
  const turns = inTurn();
  const starting = inTurn();
  const open = (cluster: OpenCluster): Promise<ClusterAccess> =>
    starting("start", async () => startSimulatedCluster(state, cluster, await tools(), note));
  return {
    openCluster: (cluster) =>
      turns(cluster.id, () => open({ cluster, folder: simulatedClusterFolder(state, cluster.id) })),
    closeCluster: (clusterId) =>
      turns(clusterId, () => removeSimulatedCluster(simulatedClusterFolder(state, clusterId))),
    setPool: (pool) => turns(pool.clusterId, () => setPool(state, pool, open)),
    removePool: async (poolId) => {
      const cluster = listSimulatedClusters(state).find(({ folder }) => hasPool(folder, poolId));
      if (cluster === undefined) return;
      await turns(cluster.cluster.id, () => removePool(cluster, poolId, open));
    },
  };
}

type Open = (cluster: OpenCluster) => Promise<unknown>;

async function setPool(state: string, pool: SimulatedPool, open: Open): Promise<void> {
  const found = findSimulatedCluster(state, pool.clusterId);
  if (found === undefined) {
    throw new Error(`pool ${pool.name}: cluster ${pool.clusterId} has no API server`);
  }
  // Noted first: whatever keeps the nodes from being made now, the next start of the lab makes them.
  recordPool(found.folder, pool);
  await open(found);
  await withClient(found, (client) => reconcilePool(client, found.cluster.type, pool));
}

async function removePool(cluster: OpenCluster, poolId: string, open: Open): Promise<void> {
  // Closed since: then the nodes are gone too.
  if (!hasPool(cluster.folder, poolId)) return;
  await open(cluster);
  await withClient(cluster, (client) => removePoolNodes(client, poolId));
  forgetPool(cluster.folder, poolId);
}

function hasPool(folder: string, poolId: string): boolean {
  return listPools(folder).some(({ id }) => id === poolId);
}

async function withClient<T>(
  { folder }: OpenCluster,
  work: (client: KubeClient) => Promise<T>,
): Promise<T> {
  const client = labClient(folder);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
