import type { KubeObject } from "../../../kube/objects";

/** Whether an object has become what its inputs ask for. */
export type Readiness =
  | { state: "ready" }
  /** Not yet; `reasons` say why, for the user. */
  | { state: "waiting"; reasons: string[] }
  /** Never will; waiting longer is of no use. */
  | { state: "failed"; reasons: string[] };

/** Looks at objects that belong to the one waited for. */
export interface Surroundings {
  list(
    apiVersion: string,
    kind: string,
    namespace: string,
    labelSelector?: string,
    fieldSelector?: string,
  ): Promise<KubeObject[]>;
  find(apiVersion: string, kind: string, name: string): Promise<KubeObject | undefined>;
}

/** For what an object is being waited for. */
export type Phase = "create" | "update" | "read";

/** How to tell whether objects of a kind are ready. */
export interface AwaitRule {
  evaluate(live: KubeObject, around: Surroundings, phase: Phase): Readiness | Promise<Readiness>;
  /** Depends on other objects, so that it has to be looked at again without the object changing. */
  looksAround?: boolean;
  /** Defaults to 600. */
  timeoutSeconds?: number;
  /** Is looked at when a known resource is read, too. Defaults to false. */
  onRead?: boolean;
}

/** There is nothing to wait for. */
export const ready: Readiness = { state: "ready" };

/** Waiting for the reasons given, or ready where there is none. */
export function waitingFor(...reasons: (string | false | undefined)[]): Readiness {
  const given = reasons.filter((reason) => typeof reason === "string");
  return given.length > 0 ? { state: "waiting", reasons: given } : ready;
}

/** Waiting any longer is of no use. */
export function failed(...reasons: string[]): Readiness {
  return { state: "failed", reasons };
}
