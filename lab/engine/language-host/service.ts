import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { version as sdkVersion } from "@pulumi/pulumi/package.json";
import { type CallContext, serverStream, unary } from "../grpc/handlers";
import { unimplemented } from "../grpc/rpc-error";
import { about, programDependencies } from "./about";
import { installDependencies } from "./install";
import { requiredPackages } from "./packages";
import { runPlugin } from "./plugin";
import { type HostSettings, runProgram } from "./program";
import { packageManagerPrompt } from "./prompts";

/** The language runtime service for one engine. */
export interface LanguageHost {
  implementation: UntypedServiceImplementation;
  /** Asks all that it runs to end; what is started later does not begin. */
  cancel(): void;
}

/** Makes the language runtime service. */
export function languageHost(settings: HostSettings): LanguageHost {
  const stopping = new AbortController();
  const state = { ...settings };
  const until = ({ signal }: CallContext) => AbortSignal.any([signal, stopping.signal]);
  const implementation = {
    handshake: unary((request: language.LanguageHandshakeRequest) => {
      state.engineAddress = request.getEngineAddress() || state.engineAddress;
      return new language.LanguageHandshakeResponse();
    }),
    cancel: unary(() => {
      stopping.abort();
      return new Empty();
    }),
    run: unary((request: language.RunRequest, context) =>
      runProgram(request, state, until(context)),
    ),
    runPlugin: serverStream((request: language.RunPluginRequest, write, context) =>
      runPlugin(request, write, until(context)),
    ),
    installDependencies: serverStream(
      (request: language.InstallDependenciesRequest, write, context) =>
        installDependencies(request, write, until(context)),
    ),
    ...questions(),
    ...codeGeneration(),
  };
  return {
    implementation,
    cancel: () => {
      stopping.abort();
    },
  };
}

// What the CLI asks to know; nothing is started.
function questions() {
  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(sdkVersion);
      return info;
    }),
    getRequiredPlugins: unary(() => {
      throw unimplemented("superseded by GetRequiredPackages");
    }),
    getRequiredPackages: unary((request: language.GetRequiredPackagesRequest) => {
      const response = new language.GetRequiredPackagesResponse();
      const directory = request.getInfo()?.getProgramDirectory();
      if (directory === undefined) return response;
      const attached = process.env.PULUMI_DEBUG_PROVIDERS;
      return response.setPackagesList(requiredPackages(directory, attached));
    }),
    about: unary((request: language.AboutRequest) => about(request.getInfo())),
    getProgramDependencies: unary((request: language.GetProgramDependenciesRequest) => {
      const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
      const response = new language.GetProgramDependenciesResponse();
      const found = programDependencies(directory, request.getTransitivedependencies());
      response.setDependenciesList(found);
      return response;
    }),
    runtimeOptionsPrompts: unary((request: language.RuntimeOptionsRequest) =>
      packageManagerPrompt(request.getInfo()),
    ),
    template: unary(() => new language.TemplateResponse()),
  };
}

// Pulumi's code generators are Go programs inside the official host.
function codeGeneration() {
  const missing = (what: string) =>
    unary(() => {
      throw unimplemented(`${what} needs Pulumi's own language host (pulumi-language-nodejs)`);
    });
  return {
    generateProgram: missing("converting a program"),
    generateProject: missing("converting a project"),
    generatePackage: missing("generating an SDK"),
    pack: missing("packing an SDK"),
    link: missing("linking an SDK"),
  };
}
