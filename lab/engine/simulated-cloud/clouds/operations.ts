import type { CloudEffects } from "../effects";
import { plainProperties, type Properties } from "../../grpc/wire";
import { alreadyThere } from "./already-there";
import { withoutNotes } from "./checked";
import { realMilliseconds, wait } from "./clock";
import type { Cloud } from "./cloud";
import { type CloudKind, REPEATED, type Draft, type Scene } from "./cloud-kind";
import { evaluate, newDraft } from "./draft";
import { textAt } from "./paths";
import { danglingReference, holders, inUseText, missingText } from "./references";
import type { CloudSettings } from "./settings";
import { stateOf } from "./state";
import type { WorldObject } from "./world";

/** What an operation on a resource needs besides its scene. */
export interface Target {
  cloud: Cloud;
  scene: Scene;
  settings: CloudSettings;
  type: string;
  name: string;
  urn: string;
}

/** Makes the object; throws what the cloud answers where it refuses. */
export async function makeObject(target: Target, news: Properties): Promise<WorldObject> {
  const { cloud, scene, type, name, urn, settings } = target;
  const { world } = scene;
  const kind = cloud.kind(type);
  const inputs = plainProperties(withoutNotes(news));
  const draft = newDraft({ type, name, urn, inputs }, scene.config);
  const object = draftedObject(target, kind, draft);
  const said = `creating ${type} (${object.id})`;
  checkReferences(target, object, said);
  const existing = world.find(type, object.scope, object.id);
  if (existing && kind.isShared === true) return existing;
  if (existing) throw new Error(`${said}: ${alreadyThere(cloud, object)}`);
  await nameFree(kind, target, object, said);
  refuse(kind, scene, object, "create", said);
  object.hiddenCalls = settings.consistency
    .filter(({ match }) => new RegExp(match).test(`${type} ${name}`))
    .reduce((calls, rule) => calls + rule.hiddenCalls, 0);
  world.put(object);
  return await applied(kind, scene, object);
}

function draftedObject({ cloud, scene }: Target, kind: CloudKind, draft: Draft): WorldObject {
  draft.id = String(evaluate(kind.id, draft, scene.world, "id"));
  const isRegional = cloud.name === "aws" && kind.isGlobal !== true;
  return {
    type: draft.type,
    id: draft.id,
    scope: isRegional ? draft.config.region : "",
    name: draft.name,
    urn: draft.urn,
    inputs: draft.inputs,
    state: stateOf(cloud, kind, draft, scene.world),
    hiddenCalls: 0,
  };
}

// The name of one that was deleted may be taken still: refused, waited for or taken up again, as the kind says.
async function nameFree(
  kind: CloudKind,
  { scene, settings, name }: Target,
  object: WorldObject,
  said: string,
): Promise<void> {
  const seconds = scene.aftermath.takenFor(kind, object);
  const { refusal, note = "" } = kind.nameStays ?? {};
  if (seconds === undefined) return;
  if (refusal !== undefined) {
    const words = refusal.replaceAll("{id}", object.id);
    throw new Error(`${said}: ${words.replaceAll("{name}", object.id.split("/").at(-1) ?? name)}`);
  }
  scene.note(`${object.id} was deleted a while ago: ${note}`);
  if (note === REPEATED) await wait(realMilliseconds(seconds, settings));
  scene.aftermath.free(kind, object);
}

function checkReferences(
  { cloud, scene, settings }: Target,
  object: { type: string; name: string; inputs: Properties },
  said: string,
): void {
  const { world } = scene;
  for (;;) {
    const dangling = danglingReference(cloud.references, world, settings, object);
    if (!dangling) return;
    const { hidden } = dangling;
    if (hidden) {
      world.put({ ...hidden, hiddenCalls: hidden.hiddenCalls - 1 });
      if (!isSurfacing(settings, hidden)) {
        scene.note(`${hidden.id} is not seen yet: repeated`);
        continue;
      }
    }
    throw new Error(`${said}: ${missingText(cloud.references, dangling)}`);
  }
}

/** Says whether the object's not being seen yet reaches the engine. */
export function isSurfacing(settings: CloudSettings, object: WorldObject): boolean {
  return settings.consistency.some(
    ({ match, surfaces }) => surfaces && new RegExp(match).test(`${object.type} ${object.name}`),
  );
}

function refuse(
  kind: CloudKind,
  scene: Scene,
  object: WorldObject,
  step: "create" | "update" | "delete",
  said: string,
): void {
  const refusal = kind.refuses?.(scene, object, step);
  if (refusal !== undefined) throw new Error(`${said}: ${refusal}`);
}

async function applied(kind: CloudKind, scene: Scene, object: WorldObject): Promise<WorldObject> {
  const told = await kind.applied?.(scene, object);
  if (!told || Object.keys(told).length === 0) return object;
  const complete = { ...object, state: { ...object.state, ...told } };
  scene.world.put(complete);
  return complete;
}

/** Changes the object in place. Throws where it is gone or the cloud refuses. */
export async function changeObject(
  target: Target,
  id: string,
  news: Properties,
  olds: Properties,
): Promise<WorldObject> {
  const { cloud, scene, type, name, urn } = target;
  const before = findObject(target, id, olds);
  const said = `updating ${type} (${id})`;
  if (!before) throw new Error(`${said}: couldn't find resource`);
  const kind = cloud.kind(type);
  const asked = plainProperties(withoutNotes(news));
  checkReferences(target, { type, name, inputs: asked }, said);
  refuse(kind, scene, { ...before, urn, name, inputs: asked }, "update", said);
  const inputs = takenUp(kind, before.inputs, asked);
  const draft: Draft = { ...newDraft({ type, name, urn, inputs }, scene.config, before.state), id };
  const state = stateOf(cloud, kind, draft, scene.world);
  const object: WorldObject = { ...before, urn, name, inputs, state };
  scene.world.put(object);
  return await applied(kind, scene, object);
}

// What waits for a maintenance window is as it was: nobody opens one here.
function takenUp(kind: CloudKind, before: Properties, inputs: Properties): Properties {
  const waiting = kind.waits?.(before, inputs) ?? [];
  return { ...inputs, ...Object.fromEntries(waiting.map((name) => [name, before[name]])) };
}

/** Removes the object; one that is gone already is no fault. Throws where the cloud refuses. */
export async function removeObject(target: Target, id: string, olds: Properties): Promise<void> {
  const { cloud, scene, settings, type } = target;
  const object = findObject(target, id, olds);
  if (!object) return;
  const said = `deleting ${type} (${id})`;
  const kind = cloud.kind(type);
  refuse(kind, scene, object, "delete", said);
  const held = holders(cloud.references, scene.world, object);
  if (held.length > 0) {
    throw new Error(`${said}: ${inUseText(cloud.references, object, held)}`);
  }
  if (kind.waitsForInterfaces) await interfacesGone(target, object.id);
  const left = kind.leaves?.(scene, object);
  await kind.removed?.(scene, object);
  scene.world.remove(object);
  scene.aftermath.keepName(kind, object);
  if (left) {
    scene.aftermath.leaveInterfaces(left.places, id, realMilliseconds(left.seconds, settings));
  }
}

// The real providers repeat for as long as their time-outs last, which are longer than any interface stays.
async function interfacesGone({ scene }: Target, id: string): Promise<void> {
  const left = scene.aftermath.interfacesIn(id);
  if (left === undefined) return;
  scene.note(`${id} has a dependent object, an interface of ${left.holder}: repeated`);
  await wait(left.milliseconds);
}

/** The object of an id as the state knows it. */
export function findObject(
  { cloud, scene: { world, config }, type }: Target,
  id: string,
  state: Properties,
): WorldObject | undefined {
  const isRegional = cloud.name === "aws" && cloud.kind(type).isGlobal !== true;
  const scope = isRegional ? textAt(plainProperties(state), "region") || config.region : "";
  return world.find(type, scope, id);
}

/** What a provider process needs to simulate clouds. */
export interface CloudOptions {
  /** Folder of the world, the settings and the log; without one all is kept in memory. */
  stateFolder?: string;
  /** What the simulation does in the lab. Defaults to nothing. */
  effects?: CloudEffects;
}
