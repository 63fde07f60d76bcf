import type { KubeObject } from "../../../kube/objects";

/** An object that exists and has not become ready: in time, at all, or before the operation was cancelled. */
export class AwaitError extends Error {
  /** The object as last seen. */
  readonly live: KubeObject;
  /** What kept it from being ready. */
  readonly reasons: string[];

  constructor(message: string, live: KubeObject, reasons: string[]) {
    super(message);
    this.name = "AwaitError";
    this.live = live;
    this.reasons = reasons;
  }
}
