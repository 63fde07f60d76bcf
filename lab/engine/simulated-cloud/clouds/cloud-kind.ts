import type { Properties } from "../../grpc/wire";
import type { InputFault } from "../resource-kind";
import type { CloudEffects } from "../effects";
import type { Aftermath } from "./aftermath";
import type { ProviderConfig } from "./provider-config";
import type { World, WorldObject } from "./world";

/** Where an operation takes place. */
export interface Scene {
  world: World;
  /** What deletions left behind. */
  aftermath: Aftermath;
  config: ProviderConfig;
  /** Undefined where no lab stands behind the simulation. */
  effects: CloudEffects | undefined;
  /** Writes a note beside the call in the request log. */
  note(message: string): void;
}

/** A resource that is about to be made. */
export interface Draft {
  type: string;
  name: string;
  urn: string;
  /** Plain, complete and checked. */
  inputs: Properties;
  /** The provider's id; "" while it is being made. */
  id: string;
  config: ProviderConfig;
  /** Hexadecimal digits of this object alone; the same label gives the same digits. */
  hex: (length: number, label?: string) => string;
  /** The state before an update; empty while the object is being made. */
  before: Properties;
}

/**
 * A value by its template: `{hex:17}`, `{digits:12}`, `{id}`, `{uuid}`, `{now}`, `{partition}`, `{region}`, `{account}`,
 * `{project}`, `{location}`, `{subscription}`, `{tenant}` or the path of an input; or by a function.
 */
export type Value = string | ((draft: Draft, world: World) => unknown);

/** The note of {@link NameStay.note} for a name that the provider waits for. */
export const REPEATED = "repeated";

/** How a cloud keeps the name of what was deleted. */
export interface NameStay {
  /** Days that the name is taken. Defaults to for ever. */
  days?: number;
  /** The same in seconds, where the inputs of what is deleted say so; 0 for not at all. */
  seconds?(inputs: Properties): number | undefined;
  /** The input that is unique where the id is not. Defaults to the id. */
  by?: string;
  /**
   * What the cloud answers to who makes another of the name, `{id}` and `{name}` being the object's. Where it is left
   * out the provider gets along: it waits, or takes the old one up again, as `note` says.
   */
  refusal?: string;
  note?: string;
}

/** How one type of resource of a cloud behaves, beyond what its SDK and the tables say. */
export interface CloudKind {
  /** The provider's id. */
  id: Value;
  /** Properties that only the cloud tells, by path. Those missing here get a value of their type. */
  outputs?: Readonly<Record<string, Value>>;
  /** Inputs with the value that the provider fills in, known to a preview. */
  defaults?: Readonly<Record<string, unknown>>;
  /** The input that the provider names itself where the program does not. Defaults to `name`; "" for none. */
  autoname?: string;
  /** One that is there already is taken as it is, by whoever asks for it. Defaults to false: it is refused. */
  isShared?: boolean;
  /** Ids are unique over the account, not over a region. Defaults to false. */
  isGlobal?: boolean;
  /** The name of a deleted object stays taken. Defaults to free at once. */
  nameStays?: NameStay;
  /**
   * The subnets and security groups in which it has network interfaces, and how many seconds those stay after it has
   * gone. Defaults to none.
   */
  leaves?(scene: Scene, object: WorldObject): { places: string[]; seconds: number };
  /** Interfaces in it keep it from being deleted: the provider repeats until they are gone. Defaults to false. */
  waitsForInterfaces?: boolean;
  /** Names of inputs whose change the cloud takes up later, in its maintenance window: until then the old ones hold. */
  waits?(before: Properties, inputs: Properties): readonly string[];
  /** Paths of outputs that are told anew with each update; the others stay as they were. */
  renews?: readonly string[];
  /** Rules over several inputs that the provider checks at preview. */
  check?(known: Properties): InputFault[];
  /** Refuses what the cloud refuses beyond references: the error's text. */
  refuses?(
    scene: Scene,
    object: WorldObject,
    step: "create" | "update" | "delete",
  ): string | undefined;
  /** What the object does in the lab once it is there or has changed; the properties that it tells of it. */
  applied?(scene: Scene, object: WorldObject): Promise<Properties>;
  /** What it takes along when it goes. */
  removed?(scene: Scene, object: WorldObject): Promise<void>;
}
