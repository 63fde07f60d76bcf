import * as path from "node:path";
import { kubeconfigFile } from "../cluster/cluster";
import { nodeCommand } from "../node-command";
import { startDaemon } from "../daemon";
import { loadKubeconfig } from "../kube/kubeconfig";

/** Port at which servers of one's own, and what stands in front of them, answer. */
export const API_PORT = 6443;

/**
 * Lets the API server that runs in a folder answer at an address of loopback too. Errors: LabError where something else
 * listens on that address's port 6443.
 */
export async function startBalancer(
  folder: string,
  address: string,
  version: string,
): Promise<void> {
  const { host } = new URL(loadKubeconfig(kubeconfigFile(folder)).server);
  const [program, ...args] = nodeCommand(path.join(__dirname, "balancer", "main.ts"));
  const command = [program, ...args, `${address}:${API_PORT}`, host] as const;
  await startDaemon(folder, "balancer", command, { version });
}
