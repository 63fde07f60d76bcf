import { isDeepStrictEqual } from "node:util";
import { isKubeError } from "../../../kube/kube-error";
import type { KubeObject, ObjectRef } from "../../../kube/objects";
import { normalise } from "../check/normalise";
import { isProperties, plainProperties, type Properties } from "../../grpc/wire";
import { readinessOnRead } from "../await/wait";
import { pruneToShape } from "../diff/compare";
import { clientOf, isUnreachable, unreachableMessage } from "../instance";
import { parseId, typeOfUrn } from "../kinds";
import { importedInputs } from "../state/imported-inputs";
import { markSecretKind, markSecrets } from "../state/secrets";
import { apiKeys, fromApi, parseState } from "../state/state";
import { managerOf } from "./field-manager";
import { initFailed, outcomeOf, type Operation, type Outcome } from "./outcome";

/** What Read is asked; state and inputs are empty for a resource that is not known yet. */
export interface ReadRequest {
  id: string;
  state: Properties;
  inputs: Properties;
}

/** What Read answers; an empty id says that there is no such object. */
export interface ReadResult extends Outcome {
  inputs: Properties;
}

const gone: ReadResult = { id: "", state: {}, inputs: {} };

/**
 * Reads an object. Of a known resource the inputs become what is there now, so that a refresh sees what
 * others changed; of an unknown one they are all that a program could have said.
 */
export async function read(operation: Operation, request: ReadRequest): Promise<ReadResult> {
  const { instance, urn } = operation;
  try {
    const client = clientOf(instance, operation.signal);
    const live = await client.get(refFor(urn, request));
    if (Object.keys(request.inputs).length === 0) return readUnknown(operation, live);
    const result = readKnown(operation, request, live);
    const readiness = await readinessOnRead(live, client);
    if (readiness.state === "ready") return result;
    throw initFailed(result, readiness.reasons, result.inputs);
  } catch (error) {
    if (isKubeError(error, "NotFound", "NoKindMatch")) return gone;
    if (isUnreachable(instance, error)) return readUnreachable(operation, request, error);
    throw error;
  }
}

function refFor(urn: string, { id, state }: ReadRequest): ObjectRef {
  const { live } = parseState(state);
  const { apiVersion, kind } = typeOfUrn(urn);
  const isPatch = kind.endsWith("Patch");
  return {
    apiVersion: typeof live.apiVersion === "string" ? live.apiVersion : apiVersion,
    kind: typeof live.kind === "string" ? live.kind : isPatch ? kind.slice(0, -5) : kind,
    ...parseId(id),
  };
}

function readUnknown(operation: Operation, live: KubeObject): ReadResult {
  const inputs = markSecretKind(importedInputs(live));
  const fieldManager = managerOf(live, undefined, operation.instance.settings);
  const extras = { fieldManager, initialApiVersion: live.apiVersion, imported: true };
  return { ...outcomeOf(live, inputs, extras), inputs };
}

function readKnown(operation: Operation, request: ReadRequest, live: KubeObject): ReadResult {
  const state = parseState(request.state);
  const shape = normalise(plainProperties(request.inputs));
  // A program may have written names that hold dashes in either way.
  const isWrittenAsInApi = isDeepStrictEqual(apiKeys(shape), shape);
  const there = pruneToShape(isWrittenAsInApi ? live : fromApi(live), shape);
  const pruned = markSecrets(there, request.inputs);
  const inputs = markSecretKind(isProperties(pruned) ? pruned : {});
  const extras = {
    fieldManager: managerOf(live, state.fieldManager, operation.instance.settings),
    initialApiVersion: state.initialApiVersion ?? live.apiVersion,
    ...(state.imported === true && { imported: true }),
  };
  return { ...outcomeOf(live, inputs, extras), inputs };
}

function readUnreachable(operation: Operation, request: ReadRequest, error: unknown): ReadResult {
  const { instance, urn } = operation;
  const why = instance.unreachable ?? (error instanceof Error ? error.message : String(error));
  instance.log.warn(urn, unreachableMessage(why));
  if (instance.settings.deleteUnreachable) return gone;
  if (instance.settings.skipUpdateUnreachable) return request;
  throw new Error(unreachableMessage(why));
}
