import type { WatchEvent } from "../kube/watch";
import { keyOf } from "./objects";

/** What a cache must know of an object to keep its order. */
interface Versioned {
  metadata: { name: string; namespace?: string | undefined; uid: string; resourceVersion: string };
}

/**
 * The newest known version of every object of a kind, fed by a watch and by the answers to writes.
 *
 * An answer often arrives before the events that precede it. Versions are therefore compared, and an
 * event that is older than what is known is dropped: a simulator that believed it would write again
 * what it has just written. Kubernetes defines resource versions of one kind as ordered numbers since
 * 1.35. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export class ObjectCache<T extends Versioned> {
  readonly #parse: (object: unknown) => T;
  readonly #objects = new Map<string, T>();
  readonly #listeners: ((object: T) => void)[] = [];

  constructor(parse: (object: unknown) => T) {
    this.#parse = parse;
  }

  /** Calls back with each object that is new, changed or (as last known) gone. */
  onChange(listener: (object: T) => void): void {
    this.#listeners.push(listener);
  }

  /** The newest version known, or undefined where there is no such object. */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** Every object known. */
  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** Takes in one event of a watch. Throws where its object is not of the cache's kind. */
  apply(event: WatchEvent): void {
    const object = this.#parse(event.object);
    if (event.type !== "DELETED") {
      this.#keep(object);
    } else if (this.#isKnown(object)) {
      // Else an object of the same name has already taken the place of the one that went.
      this.#objects.delete(keyOf(object));
      this.#tell(object);
    }
  }

  /** Takes in what a write answered with, if its object is still there. */
  learn(object: T): void {
    if (this.#isKnown(object)) {
      this.#keep(object);
    }
  }

  #isKnown(object: T): boolean {
    return this.#objects.get(keyOf(object))?.metadata.uid === object.metadata.uid;
  }

  #keep(object: T): void {
    const known = this.#objects.get(keyOf(object));
    if (known && this.#isKnown(object) && version(known) >= version(object)) {
      return;
    }
    this.#objects.set(keyOf(object), object);
    this.#tell(object);
  }

  #tell(object: T): void {
    for (const listener of this.#listeners) {
      listener(object);
    }
  }
}

function version({ metadata }: Versioned): bigint {
  return /^\d+$/.test(metadata.resourceVersion) ? BigInt(metadata.resourceVersion) : 0n;
}
