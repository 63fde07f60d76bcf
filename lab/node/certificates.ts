import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { keysFolder } from "../cluster/files";
import { issueCertificate } from "../engine/simulated-cloud/tls/certificate";
import {
  type Extension,
  Name,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "../engine/simulated-cloud/tls/x509";

const DAY_HOURS = 24;
const VALID_DAYS = 365;

/** What a node proves itself with, in PEM. */
export interface NodeCredentials {
  "ca.crt": string;
  /** To the API server: `system:node:<name>` in the group `system:nodes`. */
  "client.crt": string;
  "client.key": string;
  /** To the API server and to kubectl, which call the kubelet for logs and exec. */
  "serving.crt": string;
  "serving.key": string;
}

/**
 * Credentials of a node from the authority of the lab's own cluster, valid for a year. A real cluster has its nodes ask for
 * them (TLS bootstrapping); the lab has the authority's key at hand.
 */
export async function nodeCredentials(
  state: string,
  name: string,
  address: string,
): Promise<NodeCredentials> {
  const pki = (file: string) => fs.readFileSync(path.join(keysFolder(state), file), "utf8");
  const authority = new X509Certificate(pki("ca.crt"));
  const issue = async (use: string, extensions: readonly Extension[]) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { outputs } = await issueCertificate(
      {
        allowedUses: ["digital_signature", "key_encipherment", use],
        validityPeriodHours: VALID_DAYS * DAY_HOURS,
        earlyRenewalHours: 0,
        isCaCertificate: false,
        maxPathLength: -1,
      },
      {
        subject: new Name([{ O: ["system:nodes"] }, { CN: [`system:node:${name}`] }]),
        issuer: authority.subjectName,
        publicKeyDer: publicKey.export({ type: "spki", format: "der" }),
        issuerKey: createPrivateKey(pki("ca.key")),
        extensions,
      },
    );
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    return { certificate: String(outputs.certPem), key };
  };
  const client = await issue("client_auth", []);
  const names = [
    { type: "ip" as const, value: address },
    { type: "dns" as const, value: name },
  ];
  const serving = await issue("server_auth", [new SubjectAlternativeNameExtension(names)]);
  return {
    "ca.crt": pki("ca.crt"),
    "client.crt": client.certificate,
    "client.key": client.key,
    "serving.crt": serving.certificate,
    "serving.key": serving.key,
  };
}
