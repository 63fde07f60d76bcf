import { type Instance, Instances } from "../../../lab/engine/kubernetes-provider/instance";
import { check } from "../../../lab/engine/kubernetes-provider/check/check";
import { HELM_RELEASE } from "../../../lab/engine/kubernetes-provider/kinds";
import { checkRelease } from "../../../lab/engine/kubernetes-provider/recorded/helm-release";
import { checked } from "../../../lab/engine/simulated-cloud/clouds/checked";
import { clouds } from "../../../lab/engine/simulated-cloud/clouds/cloud";
import {
  cloudOf,
  providerConfig,
} from "../../../lab/engine/simulated-cloud/clouds/provider-config";
import { DEFAULT_SETTINGS } from "../../../lab/engine/simulated-cloud/clouds/settings";
import { command } from "../../../lab/engine/simulated-cloud/command/package";
import { inputFaults } from "../../../lab/engine/simulated-cloud/inputs";
import { random } from "../../../lab/engine/simulated-cloud/random/package";
import type { InputFault } from "../../../lab/engine/simulated-cloud/resource-kind";
import { tls } from "../../../lab/engine/simulated-cloud/tls/package";
import type { Deployment, Registration } from "../../support/deploy";

const CONFIG = { region: "eu-central-1", project: "fabric-123456", location: "westeurope" };
const config = providerConfig(CONFIG, DEFAULT_SETTINGS);
// The folder of machines, which Check never opens.
const packages = [random, tls, command("/nowhere")];
const kinds = new Map(packages.flatMap(({ resources }) => Object.entries(resources)));
const kubernetes: Instance = new Instances().of("test");

/** What the provider stand-ins of the lab say of all inputs: `type name property: reason`, a line each. */
export async function providerFaults({ resources }: Deployment): Promise<string[]> {
  const faults = resources
    // What begins with pulumi: is the engine's own.
    .filter(({ custom, type }) => custom && !/^(test|pulumi):/.test(type))
    .map(async (resource) => {
      const found = await faultsOf(resource);
      return found.map(
        ({ property, reason }) => `${resource.type} ${resource.name} ${property}: ${reason}`,
      );
    });
  return (await Promise.all(faults)).flat();
}

async function faultsOf({ type, name, inputs, urn }: Registration): Promise<readonly InputFault[]> {
  const seed = new Uint8Array(32);
  const cloud = cloudOf(type);
  if (cloud)
    return checked(clouds[cloud], { type, name, news: inputs, olds: {}, seed }, config).faults;
  if (type.startsWith("kubernetes:")) {
    const request = { urn, olds: {}, news: inputs, randomSeed: seed };
    if (type === HELM_RELEASE) return checkRelease(kubernetes, request).failures;
    return (await check(kubernetes, request)).failures;
  }
  const kind = kinds.get(type);
  if (!kind) throw new Error(`no provider of the lab has ${type}`);
  return inputFaults(kind, inputs);
}
