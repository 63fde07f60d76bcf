/** What a store's error means for the run. */
export const StoreFault = {
  /** The store cannot be worked with at the moment: it is down, throttles, the credentials are not good (any more), the network. No file's fault: the run ends. */
  Unavailable: "unavailable",
  /** It does not take this object, or what it confirms is not what was sent. This file's fault: the others go on. */
  Refused: "refused",
  /** The key has an object already. The uploader looks at that one. */
  Exists: "exists",
  /** The upload that was begun is no more: finished or taken away by somebody else. The uploader looks at the key and begins anew. */
  Gone: "gone",
} as const;
export type StoreFault = (typeof StoreFault)[keyof typeof StoreFault];

/** A request to a store that failed. The message is for the log: what was asked, the store's code and words; never a credential. */
export class StoreError extends Error {
  readonly kind: StoreFault;

  constructor(kind: StoreFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StoreError";
    this.kind = kind;
  }
}

/** What a store says to a file that is longer than it can be brought there. Pure. */
export function tooLong(length: number, most: number): StoreError {
  return new StoreError(
    StoreFault.Refused,
    `${length} bytes: the longest that is moved is ${most}`,
  );
}
