import { createHash, createHmac } from "node:crypto";

/** A request to sign. */
export interface SignableRequest {
  method: string;
  /** Without a query. */
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Who signs, and for what. */
export interface Signer {
  region: string;
  service: string;
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };
}

/**
 * A request's headers with AWS's Signature Version 4:
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. The SDK's client of one service for one request
 * would be most of the bundle.
 */
export function signedHeaders(
  { method, url, headers, body }: SignableRequest,
  { region, service, keys }: Signer,
  now = new Date(),
): Record<string, string> {
  const { host, pathname } = new URL(url);
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const token: Record<string, string> =
    keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken };
  const all: Record<string, string> = { ...headers, ...token, host, "x-amz-date": time };
  const names = Object.keys(all).sort();
  const lines = names.map((name) => `${name}:${all[name]?.trim() ?? ""}\n`).join("");
  const canonical = [method, pathname, "", lines, names.join(";"), sha256(body)].join("\n");
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [region, service, "aws4_request"].reduce(
    (signing, part) => hmac(signing, part),
    hmac(`AWS4${keys.secretAccessKey}`, day),
  );
  const signature = hmac(key, text).toString("hex");
  const signer = `Credential=${keys.accessKeyId}/${scope}`;
  const signed = `SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...all, authorization: `AWS4-HMAC-SHA256 ${signer}, ${signed}` };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
