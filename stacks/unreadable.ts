import type { Fault } from "../components/shared/faults";

/** Thrown where a value is read that has another type than its readers take. */
class Unreadable extends Error {}

/** Makes a value throw when it is read: whatever would be made of it is not looked at any further. */
export function makeUnreadable(parent: object, key: PropertyKey): void {
  const get = () => {
    throw new Unreadable(String(key));
  };
  Object.defineProperty(parent, key, { configurable: true, enumerable: true, get });
}

/**
 * What several searches find. One that reads an unreadable value finds nothing: that value is a fault already, and what
 * follows from it is none. The others are not affected.
 */
export function findings(...searches: readonly (() => Fault[])[]): Fault[] {
  return searches.flatMap((search) => ifReadable(search, []));
}

/** A search for each member of an object of the user's, one member's values being no other's. */
export function forEachOf<T>(
  read: () => Readonly<Record<string, T>> | undefined,
  search: (name: string, member: T) => Fault[],
): (() => Fault[])[] {
  const names = ifReadable(() => Object.keys(read() ?? {}), []);
  return names.map((name) => () => {
    const member = read()?.[name];
    return member === undefined ? [] : search(name, member);
  });
}

/** A copy that says something else at some keys, and reads no others: spreading the object would read them all. */
export function saying<T extends object>(value: T, changes: Partial<T>): T {
  const copy = Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(value), ...Object.getOwnPropertyDescriptors(changes) },
  );
  if (isLike(copy, value)) return copy;
  throw new Error("a copy without the keys of what it was made from");
}

function isLike<T extends object>(copy: object, value: T): copy is T {
  return Object.keys(value).every((key) => key in copy);
}

/** What is read, or something else where that is unreadable. */
export function ifReadable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return otherwise;
    throw error;
  }
}
