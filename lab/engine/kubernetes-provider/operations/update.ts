import type { KubeClient } from "../../../kube/client";
import { isKubeError } from "../../../kube/kube-error";
import { fieldAt, type KubeObject } from "../../../kube/objects";
import { hasUnknown, isProperties, plainProperties, type Properties } from "../../grpc/wire";
import { pruneToShape } from "../diff/compare";
import { parsePath, type Step } from "../diff/property-path";
import { clientOf, isUnreachable, unreachableMessage } from "../instance";
import { isPatchResource } from "../kinds";
import { parseState, toApi, type ParsedState } from "../state/state";
import { place } from "./create";
import {
  explainConflict,
  managerOf,
  mayForce,
  migrateOwnership,
  plainWritersOf,
  relinquish,
} from "./field-manager";
import { mergePatch } from "./merge-patch";
import { outcomeOf, settle, type Operation, type Outcome } from "./outcome";
import { isRefusedByRights, isTooEarly } from "./too-early";

/** What Update is asked. */
export interface UpdateRequest {
  id: string;
  state: Properties;
  oldInputs: Properties;
  news: Properties;
  ignoreChanges: readonly string[];
}

/** Brings an object to new inputs, or at preview asks the server what it would make of them. */
export async function update(operation: Operation, request: UpdateRequest): Promise<Outcome> {
  const { instance, preview } = operation;
  const { news } = request;
  const asGiven = { id: request.id, state: news };
  if (preview && hasUnknown(news)) return asGiven;
  const object = toApi(plainProperties(news));
  const state = parseState(request.state);
  try {
    const client = clientOf(instance, operation.signal);
    const placed = await place(client, object);
    const live = await client.get(placed);
    const fieldManager = managerOf(object, state.fieldManager, instance.settings);
    const write = { operation, request, client, state, fieldManager, live };
    const written = await writeTo({ ...write, object: placed });
    const initialApiVersion = state.initialApiVersion ?? object.apiVersion;
    const extras = { fieldManager, initialApiVersion };
    if (preview) return outcomeOf(written, news, extras);
    if (written.kind === "CustomResourceDefinition") client.forgetKinds();
    return await settle(operation, client, written, "update", news, extras);
  } catch (error) {
    if (preview && (isUnreachable(instance, error) || isRefusedByRights(error))) return asGiven;
    if (preview && isKubeError(error, "NoKindMatch")) return asGiven;
    if (preview && isTooEarly(error, object) && !isKubeError(error, "NotFound")) return asGiven;
    if (isKubeError(error, "Unreachable")) throw new Error(unreachableMessage(error.message));
    throw explainConflict(error, object);
  }
}

interface Write {
  operation: Operation;
  request: UpdateRequest;
  client: KubeClient;
  state: ParsedState;
  fieldManager: string;
  live: KubeObject;
  object: KubeObject;
}

async function writeTo(write: Write): Promise<KubeObject> {
  const { operation, client, live, object, request, fieldManager } = write;
  const { settings } = operation.instance;
  const dryRun = operation.preview;
  if (object.kind === "CustomResourceDefinition") {
    const metadata = { ...object.metadata, resourceVersion: live.metadata.resourceVersion ?? "" };
    return client.replace({ ...object, metadata }, { fieldManager, dryRun });
  }
  const kept = keepIgnored(object, live, request.ignoreChanges.map(parsePath));
  if (settings.enableServerSideApply) return applyTo({ ...write, object: kept });
  const before = pruneToShape(live, toApi(plainProperties(request.oldInputs)));
  return client.patch(object, mergePatch(before, kept), { fieldManager, dryRun });
}

async function applyTo(write: Write): Promise<KubeObject> {
  const { operation, client, live, object, state, fieldManager } = write;
  const isPatch = isPatchResource(operation.urn, object.kind);
  const isUnowned = live.metadata.managedFields === undefined;
  const willMigrate = operation.preview && plainWritersOf(live).length > 0;
  const force = mayForce(object, operation.instance.settings) || isUnowned || willMigrate;
  if (operation.preview) return client.apply(object, { fieldManager, force, dryRun: true });
  if (!isPatch) await migrateOwnership(client, live, fieldManager);
  const applied = await client.apply(object, { fieldManager, force });
  const former = state.fieldManager;
  if (former !== undefined && former !== fieldManager) await relinquish(client, object, former);
  return applied;
}

/** Sets the places that are not to be changed to what is there now. */
export function keepIgnored(
  object: KubeObject,
  live: KubeObject,
  ignored: readonly (readonly Step[])[],
): KubeObject {
  return ignored.reduce<KubeObject>((kept, path) => {
    const current = fieldAt(live, ...path);
    if (fieldAt(kept, ...path) === undefined || current === undefined) return kept;
    return { ...kept, ...withValue(kept, path, current) };
  }, object);
}

function withValue(target: Properties, path: readonly Step[], value: unknown): Properties {
  const replaceAt = (node: unknown, [step, ...rest]: readonly Step[]): unknown => {
    if (step === undefined) return value;
    if (Array.isArray(node)) {
      return node.map((item, at) => (at === step ? replaceAt(item, rest) : item));
    }
    return isProperties(node) ? { ...node, [step]: replaceAt(node[step], rest) } : node;
  };
  const replaced = replaceAt(target, path);
  return isProperties(replaced) ? replaced : target;
}
