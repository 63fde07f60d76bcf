import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../kube/client";
import type { KubeObject } from "../../kube/objects";
import type { Log } from "../log";
import { WorkQueue } from "../work-queue";
import { perform } from "./perform";
import { planKarpenter, type Seen } from "./plan";
import { RELEASE_LABEL, RELEASE_NAMESPACE } from "./release";

/** What the stand-in works with. */
export interface KarpenterParts {
  client: KubeClient;
  log: Log;
  signal: AbortSignal;
}

const QUIET_MILLISECONDS = 200;
const RETRY_MILLISECONDS = 1000;

const WATCHED = [
  "/api/v1/nodes",
  "/api/v1/pods",
  "/apis/karpenter.sh/v1/nodepools",
  "/apis/karpenter.sh/v1/nodeclaims",
  "/apis/karpenter.k8s.aws/v1/ec2nodeclasses",
] as const;

/**
 * Stands for Karpenter's controller on a simulated EKS cluster, from when its chart is "installed" until it is removed:
 * pending pods become NodeClaims and nodes, deleted NodeClaims end theirs, and what is deleted after the release went
 * stays, held by its finalizers, as with the real one. It neither consolidates nor expires nor replaces drifted nodes.
 */
export async function playKarpenter({ client, log, signal }: KarpenterParts): Promise<void> {
  const installed = new Map<string, AbortController>();
  const path = `/api/v1/namespaces/${RELEASE_NAMESPACE}/configmaps`;
  const query = { labelSelector: `${RELEASE_LABEL}=karpenter` };
  await client.watch(path, { signal, query }, ({ type, object }) => {
    const name = object.metadata.name ?? "";
    if (type === "DELETED") {
      log(`Karpenter's stand-in ends with ${name}`);
      installed.get(name)?.abort();
      installed.delete(name);
    } else if (!installed.has(name)) {
      log(`Karpenter's stand-in begins with ${name}`);
      const stop = new AbortController();
      installed.set(name, stop);
      void control({ client, log, signal: AbortSignal.any([signal, stop.signal]) });
    }
  });
}

/** Does what is to be done after each change, until the signal aborts. */
async function control({ client, log, signal }: KarpenterParts): Promise<void> {
  const work = new WorkQueue(
    async () => {
      // One change seldom comes alone.
      await pause(QUIET_MILLISECONDS, signal);
      for (const action of planKarpenter(await look(client))) {
        // Whoever removes the release stops the controller in the middle of its work, too.
        if (signal.aborted) return;
        await perform(client, action, log);
      }
    },
    {
      longestRetryMilliseconds: RETRY_MILLISECONDS,
      onFailure: (_key, error) => {
        log(`Karpenter's stand-in: ${error instanceof Error ? error.message : String(error)}`);
      },
    },
  );
  const watches = WATCHED.map((path) =>
    keepWatching({ client, log, signal }, path, () => {
      work.add("cluster");
    }),
  );
  await Promise.all(watches);
  await work.stop();
}

// Its definitions may come later than the controller, or go before it.
async function keepWatching(
  { client, signal }: KarpenterParts,
  path: string,
  onChange: () => void,
): Promise<void> {
  while (!signal.aborted) {
    await client.watch(path, { signal }, onChange).catch(() => undefined);
    await pause(RETRY_MILLISECONDS, signal);
  }
}

async function look(client: KubeClient): Promise<Seen> {
  const [nodeClasses, nodePools, nodeClaims, nodes, pods] = await Promise.all([
    client.list("karpenter.k8s.aws/v1", "EC2NodeClass").catch(none),
    client.list("karpenter.sh/v1", "NodePool").catch(none),
    client.list("karpenter.sh/v1", "NodeClaim").catch(none),
    client.list("v1", "Node"),
    client.list("v1", "Pod"),
  ]);
  return { nodeClasses, nodePools, nodeClaims, nodes, pods };
}

function none(): KubeObject[] {
  return [];
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
