import * as path from "node:path";
import { kubeconfigFile } from "../cluster/cluster";
import { nodeCommand } from "../node-command";
import { startDaemon } from "../daemon";

/** Starts the simulators of the cluster in a state folder; those that run from the same source are left alone. */
export async function startSimulators(state: string, version: string): Promise<void> {
  await startDaemon(state, "simulators", nodeCommand(path.join(__dirname, "main.ts")), {
    env: { KUBECONFIG: kubeconfigFile(state) },
    version,
  });
}
