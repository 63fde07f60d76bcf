import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary, type CallContext } from "../../grpc/handlers";
import { fromStruct, toStruct } from "../../grpc/struct";
import { urnType } from "../../grpc/urn";
import { check, type CheckRequest } from "../check/check";
import { diff, type DiffRequest } from "../diff/diff";
import type { Instances } from "../instance";
import { HELM_RELEASE } from "../kinds";
import { create } from "../operations/create";
import type { Operation, Outcome } from "../operations/outcome";
import { read } from "../operations/read";
import { remove } from "../operations/remove";
import { update } from "../operations/update";
import { checkRelease, diffRelease, recordRelease, revisionOf } from "../recorded/helm-release";
import { playChart, unplayChart } from "../recorded/played-charts";
import { checkResponse, diffResponse } from "./responses";

/** The methods on resources. */
export function resourceMethods(instances: Instances) {
  return {
    check: unary(async (request: proto.CheckRequest, { peer }) => {
      const instance = instances.of(peer);
      const asked = checkRequest(request);
      if (isRelease(asked.urn)) return checkResponse(checkRelease(instance, asked));
      return checkResponse(await check(instance, asked));
    }),
    diff: unary((request: proto.DiffRequest, { peer }) => {
      const asked = diffRequest(request);
      if (isRelease(asked.urn)) return diffResponse(diffRelease(asked));
      return diffResponse(diff(instances.of(peer).settings, asked));
    }),
    create: unary(async (request: proto.CreateRequest, context) => {
      const operation = operationOf(instances, request, context, request.getPreview());
      const { id, state } = await createAny(operation, request);
      const response = new proto.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(state));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest, context) => {
      const operation = operationOf(instances, request, context, request.getPreview());
      const { state } = await updateAny(operation, request);
      const response = new proto.UpdateResponse();
      response.setProperties(toStruct(state));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest, context) =>
      readResponse(operationOf(instances, request, context, false), request),
    ),
    delete: unary(async (request: proto.DeleteRequest, context) => {
      const operation = operationOf(instances, request, context, false);
      if (isRelease(operation.urn)) {
        await unplayChart(operation, fromStruct(request.getProperties()));
        return new Empty();
      }
      await remove(operation, {
        id: request.getId(),
        state: fromStruct(request.getProperties()),
        oldInputs: fromStruct(request.getOldInputs()),
      });
      return new Empty();
    }),
  };
}

function isRelease(urn: string): boolean {
  return urnType(urn) === HELM_RELEASE;
}

function operationOf(
  instances: Instances,
  request: { getUrn(): string; getTimeout(): number },
  { peer, signal }: CallContext,
  preview: boolean,
): Operation {
  const instance = instances.of(peer);
  return {
    instance,
    urn: request.getUrn(),
    preview,
    timeoutSeconds: request.getTimeout(),
    signal: AbortSignal.any([signal, instance.abort.signal]),
  };
}

const { Mode } = proto.CheckRequest.AutonamingOptions;

function namingMode(mode: proto.CheckRequest.AutonamingOptions.Mode) {
  switch (mode) {
    case Mode.PROPOSE:
      return "propose";
    case Mode.ENFORCE:
      return "enforce";
    case Mode.DISABLE:
      return "disable";
  }
}

function checkRequest(request: proto.CheckRequest): CheckRequest {
  const autonaming = request.getAutonaming();
  return {
    urn: request.getUrn(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    ...(autonaming && {
      autonaming: {
        mode: namingMode(autonaming.getMode()),
        proposedName: autonaming.getProposedName(),
      },
    }),
  };
}

function diffRequest(request: proto.DiffRequest): DiffRequest {
  return {
    urn: request.getUrn(),
    state: fromStruct(request.getOlds()),
    oldInputs: fromStruct(request.getOldInputs()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

async function createAny(operation: Operation, request: proto.CreateRequest): Promise<Outcome> {
  const inputs = fromStruct(request.getProperties());
  if (!isRelease(operation.urn)) return create(operation, inputs);
  await playChart(operation, inputs);
  return recordRelease(operation.instance, operation.urn, inputs, 1, operation.preview);
}

async function updateAny(operation: Operation, request: proto.UpdateRequest): Promise<Outcome> {
  const news = fromStruct(request.getNews());
  const state = fromStruct(request.getOlds());
  if (isRelease(operation.urn)) {
    await playChart(operation, news);
    const revision = revisionOf(state) + 1;
    return recordRelease(operation.instance, operation.urn, news, revision, operation.preview);
  }
  return update(operation, {
    id: request.getId(),
    state,
    oldInputs: fromStruct(request.getOldInputs()),
    news,
    ignoreChanges: request.getIgnorechangesList(),
  });
}

async function readResponse(operation: Operation, request: proto.ReadRequest) {
  const response = new proto.ReadResponse();
  const state = fromStruct(request.getProperties());
  const inputs = fromStruct(request.getInputs());
  // What is only recorded can be read from the record alone.
  const result = isRelease(operation.urn)
    ? { id: Object.keys(inputs).length > 0 ? request.getId() : "", state, inputs }
    : await read(operation, { id: request.getId(), state, inputs });
  response.setId(result.id);
  response.setProperties(toStruct(result.state));
  response.setInputs(toStruct(result.inputs));
  return response;
}
