import * as fs from "node:fs";
import * as path from "node:path";
import { kubeconfigFile, labClient, startCluster } from "../cluster/cluster";
import { fileVersion, sourceVersion } from "../commands/lab/source";
import { stopLab } from "../commands/lab/stop";
import type { ClusterAccess, SimulatedCluster } from "../engine/simulated-cloud/effects";
import { loadKubeconfig } from "../kube/kubeconfig";
import { withLock } from "../lock";
import { startSimulators } from "../simulators/start";
import type { ToolPaths } from "../toolchain";
import { API_PORT, startBalancer } from "./balancer";
import { cloudOf } from "./cloud";
import { reconcilePool } from "./pool";
import {
  listPools,
  listSimulatedClusters,
  type OpenCluster,
  readCluster,
  recordCluster,
} from "./record";
import { writeTokens } from "./tokens";

/** Takes one line for whoever waits, or for a daemon's log. */
export type Note = (message: string) => void;

/**
 * Makes sure that a simulated cluster's API server runs, and answers with where. It is a control plane of its own, in a
 * folder of its own, with the cloud's storage classes and nothing else: no node, no object of another cluster.
 */
export async function startSimulatedCluster(
  state: string,
  { cluster, folder }: OpenCluster,
  tools: ToolPaths,
  note: Note,
): Promise<ClusterAccess> {
  recordCluster(folder, cluster);
  await withLock(path.join(folder, "lock"), () => startParts(state, cluster, folder, tools, note), {
    note,
    what: `the simulated cluster ${cluster.name}`,
  });
  return accessTo(folder);
}

/** Ends a simulated cluster's API server and removes all that it held. */
export async function removeSimulatedCluster(folder: string): Promise<void> {
  await stopLab(folder);
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Starts the API servers that a stopped lab had, with what was in them, and the machines that are missing. */
export async function resumeSimulatedClusters(state: string, tools: ToolPaths): Promise<void> {
  // One after the other: each looks for ports that are free.
  for (const open of listSimulatedClusters(state)) {
    const note: Note = (message) => process.stderr.write(`${open.cluster.name}: ${message}\n`);
    await startSimulatedCluster(state, open, tools, note);
    const client = labClient(open.folder);
    try {
      for (const pool of listPools(open.folder)) {
        await reconcilePool(client, open.cluster.type, pool);
      }
    } finally {
      client.close();
    }
  }
}

/** Where a simulated cluster answers. */
export function accessTo(folder: string): ClusterAccess {
  const { server, ca } = loadKubeconfig(kubeconfigFile(folder));
  const address = readCluster(folder)?.address;
  const endpoint = address === undefined ? server : `https://${address}:${API_PORT}`;
  return { endpoint, certificateAuthorityData: ca?.toString("base64") ?? "" };
}

async function startParts(
  state: string,
  cluster: SimulatedCluster,
  folder: string,
  tools: ToolPaths,
  note: Note,
): Promise<void> {
  const { address } = cluster;
  // One's own machines give certificates, no cloud gives tokens.
  if (address === undefined) writeTokens(state, folder, cluster);
  const names = address === undefined ? [] : [address];
  await startCluster(folder, { names, tools, note });
  const client = labClient(folder);
  try {
    const { storageClasses } = cloudOf(cluster.type);
    await Promise.all(storageClasses.map((object) => client.apply(object, { force: true })));
  } finally {
    client.close();
  }
  const version = `${sourceVersion()} ${fileVersion(kubeconfigFile(folder))}`;
  if (address !== undefined) await startBalancer(folder, address, version);
  await startSimulators(folder, version);
}
