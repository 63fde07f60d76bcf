import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../../kube/client";
import { isKubeError } from "../../../kube/kube-error";
import { isKubeObject, listAt, refOf, textAt, type KubeObject } from "../../../kube/objects";
import { plainProperties, type Properties } from "../../grpc/wire";
import { isAwaitSkipped } from "../await/rules";
import { clientOf, isUnreachable, unreachableMessage } from "../instance";
import { Annotation, isPatchResource, parseId } from "../kinds";
import { parseState, toApi } from "../state/state";
import { relinquish } from "./field-manager";
import { initFailed, outcomeOf, type Operation } from "./outcome";

/** What Delete is asked. */
export interface RemoveRequest {
  id: string;
  state: Properties;
  oldInputs: Properties;
}

/** Deletes an object and waits until it is gone. An object that is not there is deleted. */
export async function remove(operation: Operation, request: RemoveRequest): Promise<void> {
  const { instance, urn } = operation;
  try {
    const client = clientOf(instance, operation.signal);
    const state = parseState(request.state);
    const inputs = plainProperties(request.oldInputs);
    const source = Object.keys(inputs).length > 0 ? inputs : state.live;
    const object = toApi({ ...state.live, ...source });
    // The name in the inputs may be missing (generateName); the id always has it.
    const named = { ...object, metadata: { ...object.metadata, ...parseId(request.id) } };
    if (isPatchResource(urn, object.kind)) {
      await releasePatch(client, named, state.fieldManager);
      return;
    }
    await deleteAndWait(operation, client, named, request);
  } catch (error) {
    if (isKubeError(error, "NotFound", "NoKindMatch")) return;
    if (!isUnreachable(instance, error)) throw error;
    if (instance.settings.deleteUnreachable) return;
    const why = instance.unreachable ?? (error instanceof Error ? error.message : String(error));
    throw new Error(
      `${unreachableMessage(why)}. If the cluster is gone for good, set deleteUnreachable on the provider`,
    );
  }
}

async function releasePatch(client: KubeClient, object: KubeObject, manager?: string) {
  if (manager === undefined) return;
  // Applying to an object that is gone would make a new one.
  await client.get(object);
  await relinquish(client, object, manager);
}

async function deleteAndWait(
  operation: Operation,
  client: KubeClient,
  object: KubeObject,
  request: RemoveRequest,
): Promise<void> {
  const ref = refOf(object);
  const path = await client.objectPath(ref);
  const answer = await client
    .request("DELETE", path, { query: { propagationPolicy: propagationOf(object) } })
    .catch((error: unknown) => {
      // While a definition is being deleted the server deletes its resources itself and lets nobody help.
      if (isKubeError(error) && error.status === 405) return undefined;
      throw error;
    });
  // The server answers with a Status when the object is gone, with the object while something holds it.
  if (textAnswer(answer) === "Status" || skipsWait(object)) return;
  const seconds = operation.timeoutSeconds > 0 ? operation.timeoutSeconds : 600;
  const left = await waitGone(operation, client, object, answer, seconds);
  if (!left) return;
  const finalizers = listAt(left, "metadata", "finalizers").join(", ");
  const held = finalizers === "" ? "" : `, held by its finalizers: ${finalizers}`;
  const why = operation.signal.aborted
    ? "the operation was cancelled before the object was gone"
    : `the object was still there after ${seconds} seconds${held}`;
  const { fieldManager } = parseState(request.state);
  const extras = fieldManager === undefined ? {} : { fieldManager };
  throw initFailed(outcomeOf(left, request.oldInputs, extras), [why]);
}

function textAnswer(answer: unknown): string | undefined {
  return textAt(answer, "kind");
}

function propagationOf(object: KubeObject): string {
  const asked = textAt(object, "metadata", "annotations", Annotation.DeletionPropagation);
  switch (asked?.toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}

const kindsWithSkip = [
  ...["Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet"],
  "Job",
];

function skipsWait(object: KubeObject): boolean {
  return isAwaitSkipped(object) && kindsWithSkip.includes(object.kind);
}

const LONGEST_LOOK_MS = 1_000;

// Returns the object if it is still there when time is up or the operation is cancelled.
async function waitGone(
  operation: Operation,
  client: KubeClient,
  object: KubeObject,
  answer: unknown,
  seconds: number,
): Promise<KubeObject | undefined> {
  const deadline = Date.now() + seconds * 1000;
  const uid = textAt(answer, "metadata", "uid");
  let last = isKubeObject(answer) ? answer : undefined;
  let lookMs = 25;
  let reported = "";
  for (;;) {
    const live = await client.find(object).catch((error: unknown) => {
      if (operation.signal.aborted && last) return last;
      throw error;
    });
    last = live;
    if (!live || (uid !== undefined && live.metadata.uid !== uid)) return undefined;
    if (Date.now() > deadline || operation.signal.aborted) return live;
    const message = `waiting for deletion: ${listAt(live, "metadata", "finalizers").join(", ")}`;
    if (message !== reported) operation.instance.log.status(operation.urn, message);
    reported = message;
    await sleep(lookMs, undefined, { signal: operation.signal }).catch(() => undefined);
    lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS);
  }
}
