/**
 * An answer of the API server other than success, or the lack of an answer.
 *
 * `status` is the HTTP status (0 when the server could not be reached), `reason` the machine-readable reason
 * of the server's Status object (`NotFound`, `AlreadyExists`, `Conflict`, `Invalid` ...), `Unreachable`, or
 * `NoKindMatch` for a kind that the server does not serve. `body` is the whole Status object as it came.
 */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly body: unknown;

  constructor(status: number, reason: string, message: string, body?: unknown) {
    super(message);
    this.name = "KubeError";
    this.status = status;
    this.reason = reason;
    this.body = body;
  }
}

/** Says whether an error is a KubeError, of one of the reasons if any are named. */
export function isKubeError(error: unknown, ...reasons: string[]): error is KubeError {
  return error instanceof KubeError && (reasons.length === 0 || reasons.includes(error.reason));
}
