import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, toStruct } from "../../../../../../lab/engine/grpc/struct";
import type { Properties } from "../../../../../../lab/engine/grpc/wire";
import type { CloudOptions } from "../../../../../../lab/engine/simulated-cloud/clouds/operations";
import { simulatedClouds } from "../../../../../../lab/engine/simulated-cloud/clouds/service";
import type {
  CloudEffects,
  SimulatedPool,
} from "../../../../../../lab/engine/simulated-cloud/effects";

const PEER = "127.0.0.1:1";

/** A resource as the engine keeps it. */
export interface Kept {
  urn: string;
  id: string;
  inputs: Properties;
  state: Properties;
}

const urnOf = (type: string, name: string) => `urn:pulumi:dev::p::${type}::${name}`;

/** The simulated clouds as an engine talks to them, without the wire between. */
export function cloudClient(options: CloudOptions = {}, config: Properties = {}) {
  const clouds = simulatedClouds(options);
  clouds.configure(PEER, {
    region: "eu-central-1",
    project: "lab-project",
    location: "westeurope",
    ...config,
  });
  const check = (type: string, name: string, news: Properties, olds: Properties = {}) => {
    const request = new provider.CheckRequest().setUrn(urnOf(type, name)).setNews(toStruct(news));
    request.setOlds(toStruct(olds)).setRandomseed(Buffer.from(name));
    const response = clouds.check(request, PEER);
    const faults = response
      .getFailuresList()
      .map((one) => `${one.getProperty()}: ${one.getReason()}`);
    return { inputs: fromStruct(response.getInputs()), faults };
  };
  const checked = (type: string, name: string, news: Properties, olds: Properties = {}) => {
    const { inputs, faults } = check(type, name, news, olds);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    return inputs;
  };
  const diff = (kept: Kept, news: Properties, ignored: string[] = []) => {
    const request = new provider.DiffRequest().setUrn(kept.urn).setId(kept.id);
    request.setOlds(toStruct(kept.state)).setOldInputs(toStruct(kept.inputs));
    const type = kept.urn.split("::")[2] ?? "";
    const inputs = checked(type, kept.urn.split("::")[3] ?? "", news, kept.inputs);
    request.setNews(toStruct(inputs)).setIgnorechangesList(ignored);
    const response = clouds.diff(request, PEER);
    return {
      changed: [...response.getDetaileddiffMap().entries()].map(([path]) => path),
      replaces: response.getReplacesList(),
      deletesFirst: response.getDeletebeforereplace(),
    };
  };
  return { clouds, check, diff, ...operations(clouds, checked) };
}

function operations(
  clouds: ReturnType<typeof simulatedClouds>,
  checked: (type: string, name: string, news: Properties, olds?: Properties) => Properties,
) {
  const preview = async (type: string, name: string, news: Properties): Promise<Properties> => {
    const request = new provider.CreateRequest().setUrn(urnOf(type, name)).setPreview(true);
    request.setProperties(toStruct(checked(type, name, news)));
    return fromStruct((await clouds.create(request, PEER)).getProperties());
  };
  const make = async (type: string, name: string, news: Properties = {}): Promise<Kept> => {
    const urn = urnOf(type, name);
    const inputs = checked(type, name, news);
    const request = new provider.CreateRequest().setUrn(urn).setProperties(toStruct(inputs));
    const response = await clouds.create(request, PEER);
    return { urn, id: response.getId(), inputs, state: fromStruct(response.getProperties()) };
  };
  const change = async (kept: Kept, news: Properties, isPreview = false): Promise<Kept> => {
    const [type = "", name = ""] = kept.urn.split("::").slice(2);
    const inputs = checked(type, name, news, kept.inputs);
    const request = new provider.UpdateRequest().setUrn(kept.urn).setId(kept.id);
    request.setOlds(toStruct(kept.state)).setNews(toStruct(inputs)).setPreview(isPreview);
    const response = await clouds.update(request, PEER);
    return { ...kept, inputs, state: fromStruct(response.getProperties()) };
  };
  const read = async (kept: Pick<Kept, "urn" | "id"> & Partial<Kept>) => {
    const request = new provider.ReadRequest().setUrn(kept.urn).setId(kept.id);
    request.setProperties(toStruct(kept.state ?? {})).setInputs(toStruct(kept.inputs ?? {}));
    const response = await clouds.read(request, PEER);
    const [inputs, state] = [response.getInputs(), response.getProperties()].map(fromStruct);
    return { id: response.getId(), inputs, state };
  };
  const remove = async (kept: Kept): Promise<void> => {
    const request = new provider.DeleteRequest().setUrn(kept.urn).setId(kept.id);
    await clouds.delete(request.setProperties(toStruct(kept.state)), PEER);
  };
  const invoke = async (token: string, args: Properties = {}): Promise<Properties> => {
    const request = new provider.InvokeRequest().setTok(token).setArgs(toStruct(args));
    return fromStruct((await clouds.invoke(request, PEER)).getReturn());
  };
  return { preview, make, change, read, remove, invoke };
}

/** Effects that only remember what should be. */
export function rememberedEffects() {
  const clusters = new Map<string, string>();
  const pools = new Map<string, SimulatedPool>();
  const effects: CloudEffects = {
    openCluster: ({ id, name }) => {
      clusters.set(id, name);
      const authority = Buffer.from(`authority of ${name}`).toString("base64");
      return Promise.resolve({
        endpoint: "https://127.0.0.1:6443",
        certificateAuthorityData: authority,
      });
    },
    closeCluster: (id) => {
      clusters.delete(id);
      return Promise.resolve();
    },
    setPool: (pool) => {
      pools.set(pool.id, pool);
      return Promise.resolve();
    },
    removePool: (id) => {
      pools.delete(id);
      return Promise.resolve();
    },
  };
  return { clusters, pools, effects };
}
