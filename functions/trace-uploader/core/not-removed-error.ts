/** A file that the store has and that cannot be removed. The cause says why. */
export class NotRemovedError extends Error {
  /** Where the file lies by now. */
  readonly path: Uint8Array[];

  constructor(path: Uint8Array[], cause: unknown) {
    super("not removed", { cause });
    this.name = "NotRemovedError";
    this.path = path;
  }
}
