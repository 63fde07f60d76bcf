import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { RpcError } from "../../grpc/rpc-error";
import { toStruct } from "../../grpc/struct";
import { isProperties, plainProperties, type Properties } from "../../grpc/wire";
import { realMilliseconds, wait } from "./clock";
import type { ClusterOperations } from "./cluster-operations";
import { latencySeconds } from "./latencies";
import type { LoggedCall } from "./request-log";
import type { CloudSettings, FaultRule } from "./settings";
import { markedProperties } from "./state";
import type { CloudCall, Trouble } from "./trouble";
import type { WorldObject } from "./world";

/** What surrounds every call: waiting, going wrong, being written down. */
export interface Surroundings {
  settings: () => CloudSettings;
  trouble: (call: CloudCall) => Trouble;
  log: (call: LoggedCall) => void;
  operations: ClusterOperations;
}

/** What a call is about. */
export interface AboutResource {
  type: string;
  name: string;
  urn: string;
  /** The provider's id, where there is one already. */
  id?: string;
  /** The inputs as the engine gave them, secrets marked. */
  marks?: Properties;
}

/** What the log says of a call that is done and gets no answer. */
export const UNANSWERED = "unanswered";

/** Makes the runner of calls: each takes its time, meets its fault where one is set, and is logged. */
export function performed({ settings, trouble, log, operations }: Surroundings) {
  return async <Result>(
    operation: CloudCall["operation"],
    { type, name, urn, id = "", marks = {} }: AboutResource,
    notes: string[],
    act: () => Promise<Result>,
  ): Promise<Result> => {
    const call = { operation, type, name };
    const written = (outcome: string) => {
      const time = new Date().toISOString();
      log({ ...call, time, urn, outcome, ...(notes.length > 0 && { notes }) });
    };
    try {
      const { fault, hiddenRefusals, refusal } = trouble(call);
      if (hiddenRefusals > 0) notes.push(`throttled ${hiddenRefusals} times: repeated`);
      if (refusal !== undefined) throw new Error(refusal);
      if (fault?.when === "before") throw new Error(fault.message);
      const note = (message: string) => notes.push(message);
      const inputs = plainProperties(marks);
      const end = await operations.begin({ ...call, id, inputs }, note);
      const result = await latency(settings(), call).then(act).finally(end);
      if (fault?.when === "unanswered") {
        written(UNANSWERED);
        return await new Promise<never>(() => undefined);
      }
      if (fault) throw broken(fault, result, marks);
      written("done");
      return result;
    } catch (error) {
      written(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
}

async function latency(settings: CloudSettings, { operation, type }: CloudCall): Promise<void> {
  const isShort = operation === "check" || operation === "read" || operation === "invoke";
  const seconds = isShort ? 0.3 : latencySeconds(type, operation);
  await wait(realMilliseconds(seconds, settings));
}

// The object is there all the same: a partial failure tells the engine so, a lost answer does not.
function broken(fault: FaultRule, result: unknown, marks: Properties): Error {
  if (fault.when !== "partial" || !isObject(result)) return new Error(fault.message);
  const message = new ErrorResourceInitFailed();
  message.setId(result.id).setReasonsList([fault.message]).setInputs(toStruct(marks));
  message.setProperties(toStruct(markedProperties(result.state, marks)));
  const detail = { typeName: "pulumirpc.ErrorResourceInitFailed", message };
  return new RpcError(grpc.status.UNKNOWN, fault.message, [detail]);
}

function isObject(value: unknown): value is WorldObject {
  return isProperties(value) && typeof value.id === "string" && isProperties(value.state);
}
