import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../kube/client";
import { isKubeError } from "../kube/kube-error";
import { textAt } from "../kube/objects";
import { endProcesses, LAB_MARKER, type ProcessIdentity } from "../processes";
import { FAKE_NODE_ANNOTATION } from "./config";
import { clusterFolder } from "./files";

const NODE_LEASES = { namespace: "kube-node-lease" };
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/**
 * Hands the nodes of a cluster that was started with old data to the kwok that runs now. Each kwok has a name
 * of its own, and one that finds leases of another waits until they run out: minutes in which no pod starts.
 * So the leases go, and kwok is started anew to take them at once. Pods that were bound to a node in between are
 * touched, since kwok looks at a pod only when something about it changes. Does nothing where there are none.
 */
export async function handOverNodes(
  state: string,
  client: KubeClient,
  kwok: ProcessIdentity,
): Promise<void> {
  const leases = await client.list("coordination.k8s.io/v1", "Lease", NODE_LEASES);
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
    env: {
      ...process.env,
      KUBECACHEDIR: path.join(state, "kube-cache"),
      [LAB_MARKER]: state,
    },
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  // Without a listener a failure would end this process; the look at all programs that follows finds it.
  child.on("error", () => undefined);
  child.unref();
  await untilTaken(client);
  await touchWaitingPods(client);
}

const TAKEN_TIMEOUT_MILLISECONDS = 120_000;

/** Waits until every simulated node has a lease again, for a while: the rest comes late, not never. */
async function untilTaken(client: KubeClient): Promise<void> {
  const { key, value } = FAKE_NODE_ANNOTATION;
  const nodes = await client.list("v1", "Node");
  const fake = nodes.filter(({ metadata }) => metadata.annotations?.[key] === value);
  const deadline = Date.now() + TAKEN_TIMEOUT_MILLISECONDS;
  while (Date.now() < deadline) {
    const leases = await client.list("coordination.k8s.io/v1", "Lease", NODE_LEASES);
    const taken = new Set(leases.map(({ metadata }) => metadata.name));
    if (fake.every(({ metadata }) => taken.has(metadata.name))) return;
    await sleep(100);
  }
}

async function touchWaitingPods(client: KubeClient): Promise<void> {
  const pods = await client.list("v1", "Pod");
  const waiting = pods.filter(
    (pod) =>
      textAt(pod, "spec", "nodeName") !== undefined &&
      (textAt(pod, "status", "phase") === "Pending" ||
        pod.metadata.deletionTimestamp !== undefined),
  );
  const annotations = { "lab.kvm-fabric.dev/touched": new Date().toISOString() };
  await Promise.all(
    waiting.map((pod) =>
      client.patch(pod, { metadata: { annotations } }).catch((error: unknown) => {
        // Gone in the meantime.
        if (!isKubeError(error, "NotFound")) throw error;
      }),
    ),
  );
}
