import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { unary } from "../grpc/handlers";
import { RpcError, unimplemented } from "../grpc/rpc-error";
import { fromStruct, toStruct } from "../grpc/struct";
import { urnType } from "../grpc/urn";
import { plainProperties } from "../grpc/wire";
import type { CloudOptions } from "./clouds/operations";
import { cloudOf, configFaults, configValues } from "./clouds/provider-config";
import { simulatedClouds } from "./clouds/service";
import { inputFaults } from "./inputs";
import { changedInPlace, changes, created, previewed, refreshed, updated } from "./lifecycle";
import type { InputFault, ResourceKind, SimulatedPackage } from "./resource-kind";

// The engine warns about a plugin older than the SDK that asks for it, so the version is above all.
const VERSION = "99.0.0";

/**
 * The provider service for several packages and the simulated clouds at once. The engine may be given the same port
 * for each: a request tells by its type token which resource it is about. Of packages nothing is kept between
 * requests; of the clouds their objects, and by connection what a provider instance was configured with.
 */
export function providerService(packages: readonly SimulatedPackage[], options: CloudOptions = {}) {
  const clouds = simulatedClouds(options);
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
    ...session(clouds),
    ...routed(resourceMethods(kindOf), clouds),
    invoke: unary((request: provider.InvokeRequest, { peer }) => {
      if (cloudOf(request.getTok())) return clouds.invoke(request, peer);
      const run = functions.get(request.getTok());
      if (!run) throw unimplemented(`function ${request.getTok()} is not simulated`);
      const result = run(plainProperties(fromStruct(request.getArgs())));
      return new provider.InvokeResponse().setReturn(toStruct(result));
    }),
  };
}

// What an engine asks of any provider before it comes to resources; none of it depends on the package.
function session(clouds: Clouds) {
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
    checkConfig: unary((request: provider.CheckRequest) => {
      const faults = configFaults(urnType(request.getUrn()), fromStruct(request.getNews()));
      const response = new provider.CheckResponse().setInputs(request.getNews());
      return response.setFailuresList(faults.map(failure));
    }),
    diffConfig: unary(() => new provider.DiffResponse()),
    configure: unary((request: provider.ConfigureRequest, { peer }) => {
      clouds.configure(peer, configValues(request));
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

type Clouds = ReturnType<typeof simulatedClouds>;

function failure({ property, reason }: InputFault): provider.CheckFailure {
  return new provider.CheckFailure().setProperty(property).setReason(reason);
}

// Each method for the resources of the clouds, the others' as they are.
function routed(packages: ReturnType<typeof resourceMethods>, clouds: Clouds) {
  const route =
    <Request extends { getUrn(): string }, Response>(
      simulated: (request: Request, peer: string) => Response | Promise<Response>,
      other: (request: Request) => Response | Promise<Response>,
    ) =>
    (request: Request, { peer }: { peer: string }) =>
      clouds.isAbout(request) ? simulated(request, peer) : other(request);
  return {
    check: unary(route(clouds.check, packages.check)),
    diff: unary(route(clouds.diff, packages.diff)),
    create: unary(route(clouds.create, packages.create)),
    read: unary(route(clouds.read, packages.read)),
    update: unary(route(clouds.update, packages.update)),
    delete: unary(route(clouds.delete, packages.delete)),
  };
}

function resourceMethods(kindOf: (request: { getUrn(): string }) => ResourceKind) {
  return {
    check: (request: provider.CheckRequest) => {
      const faults = inputFaults(kindOf(request), fromStruct(request.getNews()));
      const response = new provider.CheckResponse().setInputs(request.getNews());
      return response.setFailuresList(faults.map(failure));
    },
    diff: (request: provider.DiffRequest) => diffResponse(kindOf(request), request),
    create: async (request: provider.CreateRequest) => {
      const kind = kindOf(request);
      const news = fromStruct(request.getProperties());
      const response = new provider.CreateResponse();
      if (request.getPreview()) return response.setProperties(toStruct(previewed(kind, news)));
      const { id, state } = await created(kind, news);
      return response.setId(id).setProperties(toStruct(state));
    },
    read: (request: provider.ReadRequest) => {
      const { id, state, inputs } = refreshed(kindOf(request), request.getId(), {
        state: fromStruct(request.getProperties()),
        inputs: fromStruct(request.getInputs()),
      });
      const response = new provider.ReadResponse().setId(id);
      return response.setProperties(toStruct(state)).setInputs(toStruct(inputs));
    },
    update: async (request: provider.UpdateRequest) => {
      const kind = kindOf(request);
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      const change = request.getPreview() ? updated : changedInPlace;
      const state = await change(kind, olds, news);
      return new provider.UpdateResponse().setProperties(toStruct(state));
    },
    delete: async (request: provider.DeleteRequest) => {
      await kindOf(request).remove?.(plainProperties(fromStruct(request.getProperties())));
      return new Empty();
    },
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
