import { setTimeout as sleep } from "node:timers/promises";
import { FAKE_NODE_ANNOTATION } from "../cluster/config";
import { LAB_NODE_LABEL } from "../cluster/node-manifests";
import type { KubeClient } from "../kube/client";
import { isKubeError } from "../kube/kube-error";
import { fieldAt, listAt, textAt } from "../kube/objects";
import { LabError } from "../lab-error";
import { findMachine } from "./machine";

/** Value of the lab's node label on real nodes. */
export const REAL_NODE = "real";

const READY_TIMEOUT_SECONDS = 300;

/** Removes the objects of real nodes that do not run any more, such as those of before the machine was restarted. */
export async function forgetLostNodes(state: string, client: KubeClient): Promise<void> {
  const objects = await client.list("v1", "Node", {
    query: { labelSelector: `${LAB_NODE_LABEL}=${REAL_NODE}` },
  });
  for (const { metadata } of objects) {
    const { name = "" } = metadata;
    if (findMachine(state, name) === undefined) await removeObjects(client, name);
  }
}

/** Removes a node's object and its pods; what is not there is no error. */
export async function removeObjects(client: KubeClient, name: string): Promise<void> {
  const pods = await client.list("v1", "Pod", {
    query: { fieldSelector: `spec.nodeName=${name}` },
  });
  await unlessGone(client.remove({ apiVersion: "v1", kind: "Node", name }));
  // Nobody is left to tell that they ended.
  for (const pod of pods) {
    await unlessGone(client.remove(pod, { query: { gracePeriodSeconds: "0" } }));
  }
}

async function unlessGone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isKubeError(error, "NotFound")) throw error;
  }
}

/** Refuses the name of a simulated node. */
export async function requireFreeName(client: KubeClient, name: string): Promise<void> {
  const node = await client.find({ apiVersion: "v1", kind: "Node", name });
  if (node?.metadata.annotations?.[FAKE_NODE_ANNOTATION.key] === undefined) return;
  throw new LabError(`node ${name} is a simulated one`, { hint: "give the real one another name" });
}

/** Waits until a node is Ready and offers a resource, be it none of it. Errors: LabError with what it lacks. */
export async function untilReady(
  client: KubeClient,
  name: string,
  resource: string,
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_SECONDS * 1000;
  for (;;) {
    const node = await client.find({ apiVersion: "v1", kind: "Node", name });
    const ready = listAt(node, "status", "conditions").find(
      (one) => textAt(one, "type") === "Ready",
    );
    const isOffered = fieldAt(node, "status", "allocatable", resource) !== undefined;
    if (textAt(ready, "status") === "True" && isOffered) return;
    if (Date.now() > deadline) {
      const why = textAt(ready, "message") ?? "it did not join";
      throw new LabError(`node ${name} was not ready within ${READY_TIMEOUT_SECONDS} s: ${why}`, {
        hint: `its logs are logs/node-${name}.*.log in the lab's state folder`,
      });
    }
    await sleep(200);
  }
}
