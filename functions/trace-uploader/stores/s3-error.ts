import { StoreError, StoreFault } from "./store-error";

/** Codes of S3 with which a request fails for no fault of its own, whatever their status: who asks, when, or how often. */
const NOT_ITS_FAULT = new Set([
  "ExpiredToken",
  "InvalidToken",
  "NoSuchBucket",
  "RequestTimeout",
  "TokenRefreshRequired",
]);

/** What went on that failed: the operation of S3 and the key. */
export interface S3Request {
  operation: string;
  key: string;
}

/** Whatever the client of S3 throws as what it means. */
export function storeErrorOf(error: unknown, { operation, key }: S3Request): StoreError {
  if (error instanceof StoreError) return error;
  const { name, message, status } = fieldsOf(error);
  const words = `${operation} ${key}: ${[name, status, message].filter(Boolean).join(" ")}`;
  return new StoreError(kindOf(name, status), words, error);
}

/** Whether the store says that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  const { name, status } = fieldsOf(error);
  return status === 404 && name !== "NoSuchBucket";
}

/** Whether the store got other bytes than were sent: worth another try. */
export function isDamaged(error: unknown): boolean {
  return ["BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch"].includes(fieldsOf(error).name);
}

function kindOf(name: string, status: number | undefined): StoreFault {
  if (name === "NoSuchUpload") return StoreFault.Gone;
  if (status === 412 || name === "ConditionalRequestConflict") return StoreFault.Exists;
  // No status: the request came to no answer. 401 and 403: the credentials or the rights. 429 and 503: too much at once.
  if (status === undefined || status === 401 || status === 403 || status === 429) {
    return StoreFault.Unavailable;
  }
  return status >= 500 || NOT_ITS_FAULT.has(name) ? StoreFault.Unavailable : StoreFault.Refused;
}

/** What of an error counts. Not by its class: errors of the client come from several packages. */
function fieldsOf(error: unknown): { name: string; message: string; status: number | undefined } {
  if (typeof error !== "object" || error === null) {
    return { name: "", message: String(error), status: undefined };
  }
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : undefined;
  return {
    name: "name" in error && typeof error.name === "string" ? error.name : "",
    message: "message" in error && typeof error.message === "string" ? error.message : "",
    status: typeof status === "number" ? status : undefined,
  };
}
