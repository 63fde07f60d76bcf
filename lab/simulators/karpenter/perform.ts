import { randomBytes } from "node:crypto";
import type { KubeClient } from "../../kube/client";
import { isKubeError } from "../../kube/kube-error";
import { type KubeObject, listAt, textAt } from "../../kube/objects";
import type { Log } from "../log";
import { claimNode, nodeClaim } from "./objects";
import type { Action } from "./plan";

/** Does one thing. What is gone, there already, or changed since is no error: the next look tells. */
export async function perform(client: KubeClient, action: Action, log: Log): Promise<void> {
  try {
    await write(client, action, log);
  } catch (error) {
    if (!isKubeError(error, "NotFound", "AlreadyExists", "Conflict", "TooManyRequests"))
      throw error;
  }
}

async function write(client: KubeClient, action: Action, log: Log): Promise<void> {
  switch (action.do) {
    case "hold":
      await setFinalizers(client, action.object, (list) => [...list, action.finalizer]);
      return;
    case "let-go":
      await setFinalizers(client, action.object, (list) =>
        list.filter((one) => one !== action.finalizer),
      );
      return;
    case "conditions":
      await client.patch(
        action.object,
        { status: dated(action.status) },
        { subresource: "status" },
      );
      return;
    case "launch": {
      const suffix = randomBytes(3).toString("hex").slice(0, 5);
      const claim = await client.create(nodeClaim(action.nodePool, action.machine, suffix));
      log(`Karpenter's stand-in launches ${action.machine.type} as ${claim.metadata.name ?? ""}`);
      return;
    }
    case "register":
      await client.create(claimNode(action.claim));
      return;
    case "delete":
      await client.remove(action.object);
      return;
    case "evict":
      await evict(client, action.pod);
  }
}

async function setFinalizers(
  client: KubeClient,
  object: KubeObject,
  change: (finalizers: string[]) => string[],
): Promise<void> {
  const { resourceVersion } = object.metadata;
  const finalizers = change(listAt(object.metadata, "finalizers").map(String));
  // With the version, so that a finalizer that somebody else writes meanwhile is not lost.
  await client.patch(object, { metadata: { finalizers, resourceVersion } });
}

function dated(status: Record<string, unknown>): Record<string, unknown> {
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = listAt(status, "conditions").map((condition) => ({
    type: textAt(condition, "type") ?? "",
    status: textAt(condition, "status") ?? "",
    reason: textAt(condition, "reason") ?? "",
    message: textAt(condition, "message") ?? "",
    lastTransitionTime,
  }));
  return { ...status, conditions };
}

// By the API that heeds disruption budgets, as a drain does.
async function evict(client: KubeClient, pod: KubeObject): Promise<void> {
  const { name = "", namespace = "" } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  await client.request("POST", path, { body });
}
