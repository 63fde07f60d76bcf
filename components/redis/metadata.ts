import { objectLabels } from "../shared/labels";
import type { RedisPlan } from "./plan";
import { REDIS_APP } from "./ports";

/** The metadata of an object of an instance. */
export function metadataOf({ name, namespace }: RedisPlan, object: string) {
  return { name: object, namespace, labels: objectLabels(REDIS_APP, name) };
}
