import { isKubeError } from "../../../kube/kube-error";
import type { KubeObject } from "../../../kube/objects";

/** Says whether the caller's rights do not cover a call; rights may come with the update itself. */
export function isRefusedByRights(error: unknown): boolean {
  return isKubeError(error, "Forbidden") && /User "[^"]*" cannot /.test(error.message);
}

// What admission says of objects that are to exist by the time of the real call.
const missing = [
  /error looking up service account/,
  /no PriorityClass with name/,
  /namespaces? "[^"]*" not found/,
  /does not support dry run/,
];

/**
 * Says whether a dry run was refused for what may have come by the time of the real call: a namespace, a
 * definition, something that a pod refers to; or because a webhook cannot be asked without effect.
 */
export function isTooEarly(error: unknown, object: KubeObject): boolean {
  if (isKubeError(error, "NotFound", "NoKindMatch")) return true;
  const isPod = object.kind === "Pod";
  return (
    isKubeError(error) &&
    missing.some((words, at) => words.test(error.message) && (isPod || at > 1))
  );
}
