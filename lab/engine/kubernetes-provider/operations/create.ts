import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../../kube/client";
import { isKubeError, type KubeError } from "../../../kube/kube-error";
import { omit, type KubeObject } from "../../../kube/objects";
import { hasUnknown, plainProperties, type Properties } from "../../grpc/wire";
import { clientOf, isUnreachable, unreachableMessage, type Instance } from "../instance";
import { idOf, isPatchResource } from "../kinds";
import { toApi } from "../state/state";
import { CREATE_MANAGER, explainConflict, managerOf, mayForce } from "./field-manager";
import { outcomeOf, settle, type Operation, type Outcome } from "./outcome";
import { isRefusedByRights, isTooEarly } from "./too-early";

// A namespace or a definition of the same program may arrive a moment later.
const RETRY_SECONDS = [0.25, 0.75, 1, 2, 4, 8, 16, 32];

/** Creates an object, or at preview asks the server what it would make of it. Throws what the server refuses. */
export async function create(operation: Operation, inputs: Properties): Promise<Outcome> {
  const { instance, urn } = operation;
  const isPatch = isPatchResource(urn, String(inputs.kind));
  if (operation.preview) return preview(operation, inputs, isPatch);
  const object = toApi(plainProperties(inputs));
  const client = clientOf(instance, operation.signal);
  const upserts = isPatch || instance.settings.upsertExistingObjects;
  const applies = upserts && instance.settings.enableServerSideApply;
  const fieldManager = managerOf(object, undefined, instance.settings);
  const written = await withRetries(operation, client, async () => {
    const placed = await place(client, object);
    if (!applies) return client.create(placed, { fieldManager: CREATE_MANAGER });
    const force = mayForce(object, instance.settings);
    return client.apply(placed, { fieldManager, force });
  }).catch((error: unknown) => {
    throw explainFailure(explainConflict(error, object), object);
  });
  if (written.kind === "CustomResourceDefinition") client.forgetKinds();
  const extras = { fieldManager, initialApiVersion: object.apiVersion };
  const outcome = await settle(operation, client, written, "create", inputs, extras);
  if (written.kind === "CustomResourceDefinition") client.forgetKinds();
  return outcome;
}

/** The object in the scope that the server gives its kind, which was perhaps not known to Check. */
export async function place(client: KubeClient, object: KubeObject): Promise<KubeObject> {
  const { namespaced } = await client.resolve(object.apiVersion, object.kind);
  if (namespaced || object.metadata.namespace === undefined) return object;
  return { ...object, metadata: omit(object.metadata, "namespace") };
}

async function preview(
  operation: Operation,
  inputs: Properties,
  isPatch: boolean,
): Promise<Outcome> {
  const { instance } = operation;
  const asGiven = { id: "", state: inputs };
  if (hasUnknown(inputs) || isPatch || !instance.settings.enableServerSideApply) return asGiven;
  const object = toApi(plainProperties(inputs));
  try {
    const client = clientOf(instance, operation.signal);
    const options = { fieldManager: CREATE_MANAGER, dryRun: true };
    const dry = await client.create(await place(client, object), options);
    const live = { ...dry, status: undefined };
    const extras = { initialApiVersion: object.apiVersion };
    return { id: "", state: outcomeOf(live, inputs, extras).state };
  } catch (error) {
    if (mayBeUnforeseeable(instance, error, object)) return asGiven;
    throw error;
  }
}

function mayBeUnforeseeable(instance: Instance, error: unknown, object: KubeObject): boolean {
  return (
    isUnreachable(instance, error) ||
    isKubeError(error, "AlreadyExists") ||
    isRefusedByRights(error) ||
    isTooEarly(error, object)
  );
}

async function withRetries(
  operation: Operation,
  client: KubeClient,
  attempt: () => Promise<KubeObject>,
): Promise<KubeObject> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const pauseSeconds = RETRY_SECONDS[tries];
      if (!isKubeError(error, "NotFound", "NoKindMatch") || pauseSeconds === undefined) throw error;
      operation.instance.log.status(operation.urn, `retrying: ${error.message}`);
      await sleep(pauseSeconds * 1000, undefined, { signal: operation.signal }).catch(() => {
        throw error;
      });
      if (error.reason === "NoKindMatch") client.forgetKinds();
    }
  }
}

function explainFailure(error: unknown, object: KubeObject): unknown {
  if (!isKubeError(error)) return error;
  if (error.reason === "Unreachable") return new Error(unreachableMessage(error.message));
  const { name = "", namespace } = object.metadata;
  const what = `resource "${idOf(name, namespace)}" was not successfully created by the Kubernetes API server`;
  return new Error(`${what}: ${error.message}${advice(error)}`);
}

function advice(error: KubeError): string {
  switch (error.reason) {
    case "AlreadyExists":
      return ". If another resource of this program has it, give this one an alias; to change an object that something else owns use the Patch resource of its kind; to take it over import it";
    case "NoKindMatch":
      return ". Is its CustomResourceDefinition missing, or not yet created?";
    default:
      return "";
  }
}
