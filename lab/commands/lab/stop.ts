import * as fs from "node:fs";
import * as path from "node:path";
import { clusterProcesses, stopCluster } from "../../cluster/cluster";
import { listDaemons, stopDaemon } from "../../daemon";
import { removeLabRecord } from "../../environment";
import { withLock } from "../../lock";
import { labPaths } from "../../paths";
import { endProcesses, labProcesses, sessionOf } from "../../processes";
import { stopNodes } from "../../node/node";
import { listSimulatedClusters } from "../../simulated-clusters/record";
import { removeOwnFiles, stateFiles } from "./own-files";

/**
 * Stops every process of the lab, its simulated clusters' included, also those that a killed command left without a
 * record, and takes its real nodes away. Data, Pulumi state and logs stay in the state folder. A lab that does not run is no error.
 */
export async function stopLab(state: string = labPaths().state): Promise<void> {
  if (!fs.existsSync(state)) return;
  await withLock(path.join(state, "lock"), async () => {
    removeLabRecord(state);
    // While the API server can still be told.
    await stopNodes(state);
    const names = listDaemons(state).map(({ daemon }) => daemon.name);
    await Promise.all(names.map((name) => stopDaemon(state, name)));
    // Each is a small lab of its own; after the daemon that would start them again.
    await Promise.all(listSimulatedClusters(state).map(({ folder }) => stopLab(folder)));
    await stopCluster(state);
    await endProcesses(labProcesses(state));
  });
}

/**
 * Ends what is marked as the lab's and is neither a daemon with a record nor a part of the cluster: a start that was
 * killed between making a process and noting it, or while kwokctl was at work, leaves such. For holders of the lock.
 */
export async function endStrays(state: string): Promise<void> {
  const daemons = listDaemons(state).filter(({ alive }) => alive);
  const sessions = daemons.map(({ daemon }) => daemon.pid);
  const cluster = clusterProcesses(state).map(({ pid }) => pid);
  const isKnown = (pid: number) => sessions.includes(sessionOf(pid)) || cluster.includes(pid);
  await endProcesses(labProcesses(state).filter(({ pid }) => !isKnown(pid)));
}

/**
 * Stops the lab and removes all that it kept, Pulumi state included. What else lies in the state folder stays, and
 * with it the folder. The cache of tools stays.
 */
export async function removeLab(state: string = labPaths().state): Promise<void> {
  await stopLab(state);
  removeOwnFiles(state, stateFiles);
}
