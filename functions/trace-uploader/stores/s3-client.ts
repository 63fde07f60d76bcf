import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { inSlices } from "../cloud/slices";
import type { StoreSettings } from "../settings";

/** Seconds for a connection, and for a moment in which nothing comes or goes on it. */
const CONNECT_SECONDS = 10;
const IDLE_SECONDS = 60;
/** So often a request is tried, with growing pauses, where the store is not there, or has too much to do. */
const TRIES = 5;

/**
 * A client of S3, or of what speaks its protocol. Credentials come from where the SDK of AWS looks for them, anew whenever they end. It sends no
 * checksum of its own beside ours, and what has a SHA-256 already is not hashed again for the signature.
 */
export function s3Client(
  { endpoint, region, pathStyle }: Pick<StoreSettings, "endpoint" | "pathStyle" | "region">,
  extra: Pick<S3ClientConfig, "credentials" | "maxAttempts"> = {},
): S3Client {
  const client = new S3Client({
    ...{ region, forcePathStyle: pathStyle, maxAttempts: TRIES },
    ...(endpoint === undefined ? {} : { endpoint }),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: CONNECT_SECONDS * 1000,
      socketTimeout: IDLE_SECONDS * 1000,
    },
    ...extra,
  });
  client.middlewareStack.add(
    (next) => (given) => {
      signWithChecksum(given.request);
      return next(given);
    },
    { step: "build", name: "signWithChecksum" },
  );
  // Behind signing and retrying, which go by the bytes.
  client.middlewareStack.add((next) => (given) => sendInSlices(given, next), {
    ...{ step: "deserialize", name: "sendInSlices", priority: "low" },
  });
  return client;
}

async function sendInSlices<Given extends { request: unknown }, Sent>(
  given: Given,
  next: (given: Given) => Promise<Sent>,
): Promise<Sent> {
  const { request } = given;
  if (typeof request !== "object" || request === null || !("body" in request)) return next(given);
  const { body } = request;
  if (!(body instanceof Uint8Array)) return next(given);
  Object.assign(request, { body: inSlices(body) });
  try {
    return await next(given);
  } finally {
    Object.assign(request, { body }); // For the next try.
  }
}

/** The signature covers the SHA-256 of what is sent; where the request has that for the store it is the same. */
function signWithChecksum(request: unknown): void {
  if (typeof request !== "object" || request === null || !("headers" in request)) return;
  const { headers } = request;
  if (typeof headers !== "object" || headers === null) return;
  const checksum = "x-amz-checksum-sha256" in headers ? headers["x-amz-checksum-sha256"] : "";
  if (typeof checksum !== "string" || !/^[A-Za-z0-9+/]{43}=$/.test(checksum)) return;
  const hexadecimal = Buffer.from(checksum, "base64").toString("hex");
  Object.assign(headers, { "x-amz-content-sha256": hexadecimal });
}
