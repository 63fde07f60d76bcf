import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { KubeClient } from "../kube/client";
import { endProcesses, LAB_MARKER, type ProcessIdentity } from "../processes";
import { clusterFolder } from "./files";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/**
 * Hands the nodes of a cluster that was started with old data to the kwok that runs now. Each kwok has a name
 * of its own, and one that finds leases of another waits until they run out: minutes in which no pod starts.
 * So the leases go, and kwok is started anew to take them at once. Does nothing where there are none.
 */
export async function handOverNodes(
  state: string,
  client: KubeClient,
  kwok: ProcessIdentity,
): Promise<void> {
  const leases = await client.list("coordination.k8s.io/v1", "Lease", {
    namespace: "kube-node-lease",
  });
  if (leases.length === 0) return;
  const [program = "", ...args] = fs
    .readFileSync(`/proc/${kwok.pid}/cmdline`, "utf8")
    .split("\0")
    .slice(0, -1);
  await endProcesses([kwok]);
  await client.request("DELETE", LEASES);
  const log = fs.openSync(
    path.join(clusterFolder(state), "logs", "kwok-controller.log"),
    "a",
    0o600,
  );
  const child = spawn(program, args, {
    cwd: state,
    detached: true,
    env: { ...process.env, [LAB_MARKER]: state },
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  // Without a listener a failure would end this process; the look at all programs that follows finds it.
  child.on("error", () => undefined);
  child.unref();
}
