import { isKubeError } from "../kube/kube-error";

// A policy without a reason of its own refuses with 422, as a JSON patch whose test fails does.
function isDenied(error: { message: string }): boolean {
  return / denied (the )?request/.test(error.message);
}

/** Whether a write was refused because the object had changed since it was read. */
export function isStale(error: unknown): boolean {
  return isKubeError(error) && [409, 422].includes(error.status) && !isDenied(error);
}

/** Whether authorization or admission said no. */
export function isRefused(error: unknown): error is Error {
  return isKubeError(error) && (error.status === 403 || isDenied(error));
}

/**
 * Whether a call as a pod failed because the pod is gone. Before there is a token: no pod to get one for,
 * or another pod under its name (409). After that: a token that died with its pod, or no node any more.
 */
export function isPodGone(error: unknown, hadToken: boolean): boolean {
  return isKubeError(error) && (hadToken ? [401, 404] : [404, 409]).includes(error.status);
}
