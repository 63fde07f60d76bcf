import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { unary } from "../grpc/handlers";
import { RpcError, unimplemented } from "../grpc/rpc-error";
import { fromStruct, toStruct } from "../grpc/struct";
import { urnType } from "../grpc/urn";
import { plainProperties } from "../grpc/wire";
import { inputFaults } from "./inputs";
import { changes, created, previewed, refreshed, updated } from "./lifecycle";
import type { ResourceKind, SimulatedPackage } from "./resource-kind";

// The engine warns about a plugin older than the SDK that asks for it, so the version is above all.
const VERSION = "99.0.0";

/**
 * The provider service for several packages at once. The engine may be given the same port for each:
 * a request tells by its type token which resource it is about, and nothing is kept between requests.
 */
export function providerService(packages: readonly SimulatedPackage[]) {
  const kinds = new Map(packages.flatMap(({ resources }) => Object.entries(resources)));
  const functions = new Map(packages.flatMap(({ functions }) => Object.entries(functions)));
  const kindOf = (request: { getUrn(): string }): ResourceKind => {
    const type = urnType(request.getUrn());
    const kind = kinds.get(type);
    if (kind) return kind;
    const message = `${type} is not simulated; there are ${[...kinds.keys()].sort().join(", ")}`;
    throw new RpcError(grpc.status.NOT_FOUND, message);
  };
  return {
    ...session(),
    ...resourceMethods(kindOf),
    invoke: unary((request: provider.InvokeRequest) => {
      const run = functions.get(request.getTok());
      if (!run) throw unimplemented(`function ${request.getTok()} is not simulated`);
      const result = run(plainProperties(fromStruct(request.getArgs())));
      return new provider.InvokeResponse().setReturn(toStruct(result));
    }),
  };
}

// What an engine asks of any provider before it comes to resources; none of it depends on the package.
function session() {
  const missing = (what: string) =>
    unary(() => {
      throw unimplemented(`${what} is not simulated`);
    });
  return {
    handshake: unary(() => {
      const response = new provider.ProviderHandshakeResponse();
      return response.setAcceptSecrets(true);
    }),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(VERSION)),
    getSchema: unary(() => new provider.GetSchemaResponse().setSchema("{}")),
    checkConfig: unary((request: provider.CheckRequest) =>
      new provider.CheckResponse().setInputs(request.getNews()),
    ),
    diffConfig: unary(() => new provider.DiffResponse()),
    configure: unary(() => {
      const response = new provider.ConfigureResponse();
      return response.setAcceptsecrets(true).setSupportspreview(true);
    }),
    call: missing("calling a method"),
    construct: missing("a component"),
    parameterize: missing("a parameter"),
    getMapping: unary(() => new provider.GetMappingResponse()),
    getMappings: unary(() => new provider.GetMappingsResponse()),
  };
}

function resourceMethods(kindOf: (request: { getUrn(): string }) => ResourceKind) {
  return {
    check: unary((request: provider.CheckRequest) => {
      const faults = inputFaults(kindOf(request), fromStruct(request.getNews()));
      const failures = faults.map(({ property, reason }) =>
        new provider.CheckFailure().setProperty(property).setReason(reason),
      );
      return new provider.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
    }),
    diff: unary((request: provider.DiffRequest) => diffResponse(kindOf(request), request)),
    create: unary(async (request: provider.CreateRequest) => {
      const kind = kindOf(request);
      const news = fromStruct(request.getProperties());
      const response = new provider.CreateResponse();
      if (request.getPreview()) return response.setProperties(toStruct(previewed(kind, news)));
      const { id, state } = await created(kind, news);
      return response.setId(id).setProperties(toStruct(state));
    }),
    read: unary((request: provider.ReadRequest) => {
      const { id, state, inputs } = refreshed(kindOf(request), request.getId(), {
        state: fromStruct(request.getProperties()),
        inputs: fromStruct(request.getInputs()),
      });
      const response = new provider.ReadResponse().setId(id);
      return response.setProperties(toStruct(state)).setInputs(toStruct(inputs));
    }),
    update: unary((request: provider.UpdateRequest) => {
      const olds = fromStruct(request.getOlds());
      const state = updated(kindOf(request), olds, fromStruct(request.getNews()));
      return new provider.UpdateResponse().setProperties(toStruct(state));
    }),
    delete: unary(() => new Empty()),
  };
}

function diffResponse(kind: ResourceKind, request: provider.DiffRequest): provider.DiffResponse {
  const { changed, replacing } = changes(
    kind,
    fromStruct(request.getOlds()),
    fromStruct(request.getNews()),
    new Set(request.getIgnorechangesList()),
  );
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  const response = new provider.DiffResponse();
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  return response.setDiffsList(changed).setReplacesList(replacing);
}
