import * as fs from "node:fs/promises";
import { fieldsOf } from "./cloud/token";
import type { TlsOptions } from "./ninep";
import type { QueenSettings } from "./settings";

/** Reads one secret's text. */
export type SecretReader = (secret: string, signal: AbortSignal) => Promise<string>;

/** The identity that the uploader shows to the Queen cannot be had. */
export class CredentialsError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "CredentialsError";
  }
}

/**
 * The TLS of a connection to the Queen, read anew each time, so that certificates are renewed without a new deployment. Errors:
 * CredentialsError, which never has a key in it.
 */
export async function queenTls(
  { authority, identity, serverName }: QueenSettings,
  readSecret: SecretReader,
  signal: AbortSignal,
): Promise<TlsOptions> {
  const pair =
    "secret" in identity
      ? secretOf(identity.secret, await readSecret(identity.secret, signal))
      : {
          cert: await readText(identity.certificateFile),
          key: await readText(identity.keyFile),
          ca: undefined,
        };
  const ca = authority === "secret" ? pair.ca : await authorityOf(authority);
  if (ca === undefined) {
    throw new CredentialsError(
      "the identity's secret has no text ca.crt, and no other authority is given",
    );
  }
  return { ...pair, ca, servername: serverName };
}

async function authorityOf(
  authority: Exclude<QueenSettings["authority"], "secret">,
): Promise<string> {
  return "text" in authority ? authority.text : readText(authority.file);
}

/** A secret is JSON with the keys of a Kubernetes Secret of TLS. */
function secretOf(name: string, text: string): { cert: string; key: string; ca?: string } {
  const fields = fieldsOf({ body: Buffer.from(text) });
  const { "tls.crt": cert, "tls.key": key, "ca.crt": ca } = fields;
  if (typeof cert !== "string" || typeof key !== "string") {
    throw new CredentialsError(`secret ${name}: not JSON with the texts tls.crt and tls.key`);
  }
  return { cert, key, ...(typeof ca === "string" && { ca }) };
}

async function readText(file: string): Promise<string> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    throw new CredentialsError(`${file} cannot be read`, error);
  }
}
