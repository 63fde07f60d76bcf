import type * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { serverStream, unary } from "../grpc/handlers";
import { unimplemented } from "../grpc/rpc-error";
import { fromStruct, toStruct } from "../grpc/struct";
import { plainProperties } from "../grpc/wire";
import { Instances } from "./instance";
import { invoke } from "./operations/invoke";
import { configurationMethods } from "./rpc/configuration";
import { resourceMethods } from "./rpc/resources";

/** Every method of pulumirpc.ResourceProvider, for any number of engines at once. */
export function kubernetesProvider(instances = new Instances()): grpc.UntypedServiceImplementation {
  return {
    // As the official provider: the engine then takes the features from Configure's answer.
    handshake: missing("Handshake"),
    ...configurationMethods(instances),
    ...resourceMethods(instances),
    invoke: unary(async (request: proto.InvokeRequest, { peer }) => {
      const args = plainProperties(fromStruct(request.getArgs()));
      const result = await invoke(instances.of(peer), request.getTok(), args);
      const response = new proto.InvokeResponse();
      response.setReturn(toStruct(result));
      return response;
    }),
    construct: unary((request: proto.ConstructRequest) => {
      throw unimplemented(
        `${request.getType()} is expanded by the provider, which only the official Kubernetes plugin does; ` +
          "kubernetes:yaml:ConfigFile and ConfigGroup work here",
      );
    }),
    call: missing("Call"),
    parameterize: missing("Parameterize"),
    getMapping: unary(() => new proto.GetMappingResponse()),
    getMappings: unary(() => new proto.GetMappingsResponse()),
    list: serverStream(() => {
      throw unimplemented("List is not implemented by this Kubernetes provider");
    }),
  };
}

function missing(method: string) {
  return unary(() => {
    throw unimplemented(`${method} is not implemented by this Kubernetes provider`);
  });
}
