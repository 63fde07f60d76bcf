/** What a {@link LabError} can say besides its message. */
export interface LabErrorOptions {
  /** What the reader can do about it, in one or a few lines. Defaults to nothing. */
  hint?: string;
  /** The error underneath, for debugging; never printed by itself. Defaults to nothing. */
  cause?: unknown;
}

/**
 * An error whose reader is the user: it is printed without a stack, message first, then the hint, and the
 * command ends with exit code 1. Anything else that is thrown is a defect of the lab and keeps its stack.
 */
export class LabError extends Error {
  /** What the reader can do about it. */
  readonly hint: string | undefined;

  constructor(message: string, options: LabErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "LabError";
    this.hint = options.hint;
  }
}
