import * as fs from "node:fs";
import * as path from "node:path";
import { stopCluster } from "../../cluster/cluster";
import { listDaemons, stopDaemon } from "../../daemon";
import { removeLabRecord } from "../../environment";
import { withLock } from "../../lock";
import { labPaths } from "../../paths";
import { endProcesses, labProcesses } from "../../processes";

/**
 * Stops every process of the lab, also those that a killed command left without a record. Data, Pulumi
 * state and logs stay in the state folder. A lab that does not run is no error.
 */
export async function stopLab(state: string = labPaths().state): Promise<void> {
  if (!fs.existsSync(state)) return;
  await withLock(path.join(state, "lock"), async () => {
    removeLabRecord(state);
    const names = listDaemons(state).map(({ daemon }) => daemon.name);
    await Promise.all(names.map((name) => stopDaemon(state, name)));
    await stopCluster(state);
    await endProcesses(labProcesses(state));
  });
}

/** Stops the lab and removes all that it kept, Pulumi state included. The cache of tools stays. */
export async function removeLab(state: string = labPaths().state): Promise<void> {
  await stopLab(state);
  fs.rmSync(state, { recursive: true, force: true });
}
