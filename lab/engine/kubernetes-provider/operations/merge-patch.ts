import { isDeepStrictEqual } from "node:util";
import { isProperties, type Properties } from "../../grpc/wire";

/** The JSON merge patch (RFC 7386) that turns one value into another; lists are given whole. */
export function mergePatch(before: unknown, after: Properties): Properties {
  const old = isProperties(before) ? before : {};
  const patch: Properties = {};
  for (const key of Object.keys(old)) {
    if (!(key in after)) patch[key] = null;
  }
  for (const [key, value] of Object.entries(after)) {
    if (isDeepStrictEqual(old[key], value)) continue;
    patch[key] = isProperties(value) ? mergePatch(old[key], value) : value;
  }
  return patch;
}
