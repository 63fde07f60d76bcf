import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import * as pluginProto from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary } from "../../grpc/handlers";
import { fromStruct } from "../../grpc/struct";
import { plainProperties, type Properties } from "../../grpc/wire";
import { checkConfig } from "../config/check-config";
import { diffConfig } from "../config/diff-config";
import type { Instances } from "../instance";
import { checkResponse, configDiffResponse } from "./responses";

/** The SDK version this provider answers for. */
export const VERSION = "4.34.2";

const CONFIG_PREFIX = "kubernetes:config:";

/** The methods by which an engine gets to know a provider and sets it up. */
export function configurationMethods(instances: Instances) {
  return {
    getPluginInfo: unary(() => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(VERSION);
      return info;
    }),
    getSchema: unary(() => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: "kubernetes", version: VERSION }));
      return response;
    }),
    attach: unary((request: PluginAttach, { peer }) => {
      instances.attach(peer, request.getAddress());
      return new Empty();
    }),
    checkConfig: unary((request: proto.CheckRequest) => {
      const inputs = fromStruct(request.getNews());
      return checkResponse({
        inputs,
        failures: checkConfig(request.getUrn(), plainProperties(inputs)),
      });
    }),
    diffConfig: unary((request: proto.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
      return configDiffResponse(
        diffConfig(plainProperties(olds), plainProperties(fromStruct(request.getNews()))),
      );
    }),
    configure: unary((request: proto.ConfigureRequest, { peer }) => {
      instances.configure(peer, configOf(request));
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    cancel: unary((_: Empty, { peer }) => {
      instances.cancel(peer);
      return new Empty();
    }),
  };
}

function configOf(request: proto.ConfigureRequest): Properties {
  const config = plainProperties(fromStruct(request.getArgs()));
  request.getVariablesMap().forEach((value, key) => {
    if (key.startsWith(CONFIG_PREFIX)) config[key.slice(CONFIG_PREFIX.length)] = value;
  });
  return config;
}
