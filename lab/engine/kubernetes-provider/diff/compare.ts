import { isProperties, isUnknown, type Properties } from "../../grpc/wire";
import type { Step } from "./property-path";
import { isQuantityPath, quantityValue } from "./quantity";

/** A difference between two values at one place. */
export interface Difference {
  path: Step[];
  kind: "add" | "delete" | "update";
}

/**
 * What of a live object answers to the given inputs: only fields that the inputs have, list items by index.
 * The server drops empty values (false, 0, "", {}, []) from many kinds; a field that is empty in the inputs
 * and absent in the live object therefore counts as being there. Quantities that the server wrote in another
 * way count as the inputs have them.
 */
export function pruneToShape(live: unknown, shape: unknown, path: Step[] = []): unknown {
  if (live === undefined) return isEmptyThroughout(shape) ? shape : undefined;
  if (Array.isArray(live) && Array.isArray(shape)) {
    return live
      .slice(0, shape.length)
      .map((item, at) => pruneToShape(item, shape[at], [...path, at]));
  }
  if (!isProperties(live) || !isProperties(shape)) {
    return isSameLeaf(live, shape, path) ? shape : live;
  }
  const pruned = Object.entries(shape).map(([key, part]) => {
    return [key, pruneToShape(own(live, key), part, [...path, key])] as const;
  });
  return Object.fromEntries(pruned.filter(([, value]) => value !== undefined));
}

// Labels and keys of ConfigMaps are anybody's words: `constructor` is none of an object that does not have it itself.
function own(properties: Properties, key: string): unknown {
  return Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** Says whether a value is empty: false, 0, "", null, or a list or object that holds nothing else. */
export function isEmptyThroughout(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isProperties(value)) return Object.values(value).every(isEmptyThroughout);
  return value === undefined || value === null || value === false || value === 0 || value === "";
}

/** The places at which two values differ. Lists are compared by index; an unknown value differs from all. */
export function differences(left: unknown, right: unknown, path: Step[] = []): Difference[] {
  if (isUnknown(right)) return [{ path, kind: left === undefined ? "add" : "update" }];
  if (left === undefined) return right === undefined ? [] : [{ path, kind: "add" }];
  if (right === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(left) && Array.isArray(right)) {
    return Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
      differences(left[at], right[at], [...path, at]),
    ).flat();
  }
  if (isProperties(left) && isProperties(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
      differences(own(left, key), own(right, key), [...path, key]),
    );
  }
  return isSameLeaf(left, right, path) ? [] : [{ path, kind: "update" }];
}

function isSameLeaf(left: unknown, right: unknown, path: readonly Step[]): boolean {
  if (Object.is(left, right)) return true;
  if (!isQuantityPath(path)) return false;
  const before = quantityValue(left);
  return before !== undefined && before === quantityValue(right);
}
