import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import type { KubeClient } from "../../../kube/client";
import type { KubeObject } from "../../../kube/objects";
import { RpcError } from "../../grpc/rpc-error";
import { toStruct } from "../../grpc/struct";
import type { Properties } from "../../grpc/wire";
import { AwaitError } from "../await/await-error";
import type { Phase } from "../await/readiness";
import { waitUntilReady } from "../await/wait";
import type { Instance } from "../instance";
import { idOf } from "../kinds";
import { assembleState, type StateExtras } from "../state/state";

/** What every operation knows about the resource it is for. */
export interface Operation {
  instance: Instance;
  urn: string;
  preview: boolean;
  /** The resource's own time limit in seconds; 0 where it has none. */
  timeoutSeconds: number;
  signal: AbortSignal;
}

/** A resource as an operation leaves it. */
export interface Outcome {
  id: string;
  state: Properties;
}

/** The outcome for a live object. */
export function outcomeOf(live: KubeObject, inputs: Properties, extras: StateExtras): Outcome {
  const { name = "", namespace } = live.metadata;
  return { id: idOf(name, namespace), state: assembleState(live, inputs, extras) };
}

/**
 * Waits for an object that was written. Where it does not become ready the error carries the state, so that
 * the engine keeps the resource and remembers that it is not as it should be.
 */
export async function settle(
  operation: Operation,
  client: KubeClient,
  written: KubeObject,
  phase: Phase,
  inputs: Properties,
  extras: StateExtras,
): Promise<Outcome> {
  try {
    const live = await waitUntilReady(written, {
      client,
      phase,
      timeoutSeconds: operation.timeoutSeconds,
      signal: operation.signal,
      report: (message) => {
        operation.instance.log.status(operation.urn, message);
      },
    });
    return outcomeOf(live, inputs, extras);
  } catch (error) {
    const live = error instanceof AwaitError ? error.live : written;
    const reasons = error instanceof AwaitError ? error.reasons : [];
    const message = error instanceof Error ? error.message : String(error);
    throw initFailed(outcomeOf(live, inputs, extras), [message, ...reasons]);
  }
}

/** The error for a resource that exists but is not as it should be. */
export function initFailed(outcome: Outcome, reasons: string[], inputs?: Properties): RpcError {
  const detail = new ErrorResourceInitFailed();
  detail.setId(outcome.id);
  detail.setProperties(toStruct(outcome.state));
  detail.setReasonsList(reasons);
  if (inputs) detail.setInputs(toStruct(inputs));
  const [first = "the resource is not ready", ...more] = reasons;
  const message = [
    `resource ${outcome.id} was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ${first}`,
    ...more.map((reason) => `- ${reason}`),
  ].join("\n    ");
  return new RpcError(grpc.status.UNKNOWN, message, [
    { typeName: "pulumirpc.ErrorResourceInitFailed", message: detail },
  ]);
}
