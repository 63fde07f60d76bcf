import path from "node:path";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { RpcError } from "../../grpc/rpc-error";
import { fromStruct, toStruct } from "../../grpc/struct";
import { urnName, urnType } from "../../grpc/urn";
import { plainProperties, type Properties } from "../../grpc/wire";
import * as grpc from "@grpc/grpc-js";
import { Aftermath } from "./aftermath";
import { changeOf } from "./change";
import { checked, resourceOf, withoutNotes } from "./checked";
import { type Cloud, clouds } from "./cloud";
import type { Scene } from "./cloud-kind";
import { ClusterOperations } from "./cluster-operations";
import { performed } from "./performed";
import {
  changeObject,
  type CloudOptions,
  findObject,
  isSurfacing,
  makeObject,
  removeObject,
  type Target,
} from "./operations";
import { cloudOf, providerConfig, type ProviderConfig } from "./provider-config";
import { requestLog } from "./request-log";
import { DEFAULT_SETTINGS, settingsFrom } from "./settings";
import { markedProperties, previewState } from "./state";
import { troubleMaker } from "./trouble";
import { World, type WorldObject } from "./world";

/** A resource as a method of the service is asked about it. */
interface Request {
  getUrn(): string;
}

/** The simulated clouds behind a provider service; one for all engines that use the process. */
export function simulatedClouds({ stateFolder, effects }: CloudOptions = {}) {
  const inFolder = (name: string) => stateFolder && path.join(stateFolder, name);
  const world = new World(inFolder("objects"));
  const aftermath = new Aftermath(inFolder("names"));
  const operations = new ClusterOperations();
  const settingsFile = inFolder("settings.json");
  const settings = settingsFile ? settingsFrom(settingsFile) : () => DEFAULT_SETTINGS;
  const log = requestLog(inFolder("requests.jsonl"));
  const trouble = troubleMaker(settings);
  const configs = new Map<string, ProviderConfig>();
  const configOf = (peer: string) => configs.get(peer) ?? providerConfig({}, settings());
  const targetOf = (urn: string, peer: string, notes: string[]): Target => {
    const type = urnType(urn);
    const scene = sceneOf({ world, aftermath }, configOf(peer), effects, notes);
    return { cloud: cloudFor(type), scene, settings: settings(), type, name: urnName(urn), urn };
  };
  const run = performed({ settings, trouble, log, operations });
  return {
    /** The objects that exist, for tests. */
    world,
    configure: (peer: string, values: Properties) => {
      world.refresh();
      configs.set(peer, providerConfig(values, settings()));
    },
    check: (request: provider.CheckRequest, peer: string) =>
      checkResponse(request, targetOf(request.getUrn(), peer, [])),
    diff: (request: provider.DiffRequest, peer: string) =>
      diffResponse(request, targetOf(request.getUrn(), peer, [])),
    create: (request: provider.CreateRequest, peer: string) =>
      create(request, (notes) => targetOf(request.getUrn(), peer, notes), run),
    update: (request: provider.UpdateRequest, peer: string) =>
      update(request, (notes) => targetOf(request.getUrn(), peer, notes), run),
    read: (request: provider.ReadRequest, peer: string) =>
      read(request, (notes) => targetOf(request.getUrn(), peer, notes), run),
    delete: (request: provider.DeleteRequest, peer: string) =>
      remove(request, (notes) => targetOf(request.getUrn(), peer, notes), run),
    invoke: (request: provider.InvokeRequest, peer: string) =>
      invoke(
        request,
        (notes) => sceneOf({ world, aftermath }, configOf(peer), effects, notes),
        run,
      ),
    isAbout: (request: Request) => cloudOf(urnType(request.getUrn())) !== undefined,
  };
}

type Run = ReturnType<typeof performed>;
type TargetFor = (notes: string[]) => Target;

function sceneOf(
  kept: Pick<Scene, "world" | "aftermath">,
  config: ProviderConfig,
  effects: CloudOptions["effects"],
  notes: string[],
): Scene {
  return { ...kept, config, effects, note: (message) => notes.push(message) };
}

function cloudFor(token: string): Cloud {
  const name = cloudOf(token);
  if (name) return clouds[name];
  throw new RpcError(grpc.status.NOT_FOUND, `${token} belongs to no simulated cloud`);
}

function checkResponse(request: provider.CheckRequest, target: Target): provider.CheckResponse {
  const { cloud, scene, type, name } = target;
  const { inputs, faults } = checked(
    cloud,
    {
      type,
      name,
      news: fromStruct(request.getNews()),
      olds: fromStruct(request.getOlds()),
      seed: request.getRandomseed_asU8(),
    },
    scene.config,
  );
  const failures = faults.map(({ property, reason }) =>
    new provider.CheckFailure().setProperty(property).setReason(reason),
  );
  return new provider.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures);
}

const KINDS = {
  add: [provider.PropertyDiff.Kind.ADD, provider.PropertyDiff.Kind.ADD_REPLACE],
  delete: [provider.PropertyDiff.Kind.DELETE, provider.PropertyDiff.Kind.DELETE_REPLACE],
  update: [provider.PropertyDiff.Kind.UPDATE, provider.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

function diffResponse(
  request: provider.DiffRequest,
  { cloud, type }: Target,
): provider.DiffResponse {
  const olds = fromStruct(request.getOldInputs());
  const news = fromStruct(request.getNews());
  const change = changeOf(cloud, type, olds, news, request.getIgnorechangesList());
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  const response = new provider.DiffResponse();
  response.setChanges(change.differences.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  const tops = (paths: { path: string }[]) => [
    ...new Set(paths.map(({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path)),
  ];
  for (const { path, kind, replaces } of change.differences) {
    const detail = new provider.PropertyDiff().setKind(KINDS[kind][replaces ? 1 : 0]);
    response.getDetaileddiffMap().set(path, detail.setInputdiff(true));
  }
  response.setDiffsList(tops(change.differences));
  response.setReplacesList(tops(change.differences.filter(({ replaces }) => replaces)));
  return response.setDeletebeforereplace(change.deletesFirst);
}

async function create(request: provider.CreateRequest, targetFor: TargetFor, run: Run) {
  const news = fromStruct(request.getProperties());
  const notes: string[] = [];
  const target = targetFor(notes);
  const response = new provider.CreateResponse();
  if (request.getPreview()) {
    const { cloud, type, scene } = target;
    const state = previewState(cloud, type, news, scene.config);
    return response.setProperties(toStruct(state));
  }
  const call = { ...target, marks: news };
  const object = await run("create", call, notes, () => makeObject(target, news));
  return response.setId(object.id).setProperties(toStruct(stateFor(target, object, news)));
}

async function update(request: provider.UpdateRequest, targetFor: TargetFor, run: Run) {
  const news = fromStruct(request.getNews());
  const olds = fromStruct(request.getOlds());
  const notes: string[] = [];
  const target = targetFor(notes);
  const response = new provider.UpdateResponse();
  if (request.getPreview()) {
    const { cloud, type, scene } = target;
    return response.setProperties(toStruct(previewState(cloud, type, news, scene.config, olds)));
  }
  const change = () => changeObject(target, request.getId(), news, olds);
  const call = { ...target, id: request.getId(), marks: news };
  const object = await run("update", call, notes, change);
  return response.setProperties(toStruct(stateFor(target, object, news)));
}

async function read(request: provider.ReadRequest, targetFor: TargetFor, run: Run) {
  const state = fromStruct(request.getProperties());
  const inputs = fromStruct(request.getInputs());
  const notes: string[] = [];
  const target = targetFor(notes);
  const object = await run("read", target, notes, () =>
    Promise.resolve(seen(target, findObject(target, request.getId(), state))),
  );
  const response = new provider.ReadResponse();
  if (!object) return response;
  const read = {
    ...object.inputs,
    ...(inputs.__defaults !== undefined && { __defaults: inputs.__defaults }),
  };
  response.setId(object.id).setInputs(toStruct(markedProperties(read, inputs)));
  return response.setProperties(toStruct(stateFor(target, object, state)));
}

// An object that cannot be seen yet counts down with each look.
function seen({ scene, settings }: Target, object: WorldObject | undefined) {
  if (!object || object.hiddenCalls === 0) return object;
  scene.world.put({ ...object, hiddenCalls: object.hiddenCalls - 1 });
  if (isSurfacing(settings, object)) return undefined;
  scene.note(`${object.id} is not seen yet: repeated`);
  scene.world.put({ ...object, hiddenCalls: 0 });
  return object;
}

async function remove(request: provider.DeleteRequest, targetFor: TargetFor, run: Run) {
  const olds = fromStruct(request.getProperties());
  const notes: string[] = [];
  const target = targetFor(notes);
  const call = { ...target, id: request.getId() };
  await run("delete", call, notes, () => removeObject(target, request.getId(), olds));
  return new Empty();
}

async function invoke(
  request: provider.InvokeRequest,
  sceneFor: (notes: string[]) => Scene,
  run: Run,
): Promise<provider.InvokeResponse> {
  const token = request.getTok();
  const cloud = cloudFor(token);
  const answer = cloud.functions[token];
  if (!answer) {
    const known = Object.keys(cloud.functions).sort().join(", ");
    throw new RpcError(
      grpc.status.UNIMPLEMENTED,
      `function ${token} is not simulated; there are ${known}`,
    );
  }
  const notes: string[] = [];
  const args = plainProperties(fromStruct(request.getArgs()));
  const target = { type: token, name: "", urn: "" };
  const result = await run("invoke", target, notes, () =>
    Promise.resolve(answer(args, sceneFor(notes))),
  );
  return new provider.InvokeResponse().setReturn(toStruct(result));
}

// What the SDK declares of the object's state, with the marks of secrets that the engine gave.
function stateFor({ cloud, type }: Target, { state }: WorldObject, marks: Properties): Properties {
  const { outputs } = resourceOf(cloud, type);
  const declared = Object.entries(state).filter(([name]) => outputs.has(name));
  return markedProperties(Object.fromEntries(declared), withoutNotes(marks));
}
