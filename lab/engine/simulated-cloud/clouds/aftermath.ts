import type { CloudKind } from "./cloud-kind";
import { textAt } from "./paths";
import { World, type WorldObject } from "./world";

const DAY_SECONDS = 86_400;

/**
 * What deletions leave behind: names that stay taken, and network interfaces that go later than who had them. Kept
 * beside the world, since nothing of it is an object that anybody can delete.
 */
export class Aftermath {
  readonly #names: World;
  readonly #interfaces = new Map<string, { holder: string; until: number; timed: boolean }>();

  /** Names are kept in a folder; without one in memory only. Interfaces go by themselves, so a new process has none. */
  constructor(folder?: string) {
    this.#names = new World(folder);
  }

  /** Keeps the name of an object that is deleted, where its kind says so. */
  keepName(kind: CloudKind, object: WorldObject): void {
    const stay = kind.nameStays;
    if (stay === undefined) return;
    const seconds = stay.seconds?.(object.inputs) ?? (stay.days ?? Infinity) * DAY_SECONDS;
    if (seconds === 0) return;
    const until = Number.isFinite(seconds) ? Date.now() + seconds * 1000 : null;
    this.#names.put({ ...emptied(object), id: nameOf(kind, object), state: { until } });
  }

  /** The seconds that the object's name is still taken by one that was deleted; undefined where it is free. */
  takenFor(kind: CloudKind, object: WorldObject): number | undefined {
    if (kind.nameStays === undefined) return undefined;
    const held = this.#names.find(object.type, object.scope, nameOf(kind, object));
    if (held === undefined) return undefined;
    const { until } = held.state;
    if (until === null) return Infinity;
    const seconds = (Number(until) - Date.now()) / 1000;
    if (seconds > 0) return seconds;
    this.#names.remove(held);
    return undefined;
  }

  /** Frees the name: the provider took the old object up again. */
  free(kind: CloudKind, object: WorldObject): void {
    this.#names.remove({ ...object, id: nameOf(kind, object) });
  }

  /** Leaves a holder's network interfaces where they are for a while, in milliseconds of the simulation's clock. */
  leaveInterfaces(places: readonly string[], holder: string, milliseconds: number): void {
    const until = Date.now() + milliseconds;
    for (const place of places) {
      if ((this.#interfaces.get(place)?.until ?? 0) < until) {
        this.#interfaces.set(place, { holder, until, timed: milliseconds > 0 });
      }
    }
  }

  /** Whose interfaces are still in a subnet or security group, and for how many milliseconds. */
  interfacesIn(place: string): { holder: string; milliseconds: number } | undefined {
    const left = this.#interfaces.get(place);
    if (left === undefined) return undefined;
    this.#interfaces.delete(place);
    const milliseconds = Math.max(0, left.until - Date.now());
    return left.timed && milliseconds === 0 ? undefined : { holder: left.holder, milliseconds };
  }
}

function nameOf({ nameStays }: CloudKind, { id, inputs }: WorldObject): string {
  return nameStays?.by === undefined ? id : textAt(inputs, nameStays.by);
}

// The name alone: what the object held is gone.
function emptied(object: WorldObject): WorldObject {
  return { ...object, inputs: {}, state: {}, hiddenCalls: 0 };
}
