import { generateKeyPairSync } from "node:crypto";
import { issueCertificate } from "../../../../../lab/engine/simulated-cloud/tls/certificate";
import {
  Name,
  SubjectAlternativeNameExtension,
} from "../../../../../lab/engine/simulated-cloud/tls/x509";

/** A certificate and its key, in PEM. */
export interface Credentials {
  cert: string;
  key: string;
}

/** An authority of its own, and what it issues. */
export interface Authority {
  ca: string;
  issue: (name: string, hours?: number) => Promise<Credentials>;
}

export async function authority(name: string): Promise<Authority> {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const make = async (subject: string, hours: number, isCaCertificate: boolean) => {
    const { privateKey, publicKey } = isCaCertificate
      ? own
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
    const uses = isCaCertificate
      ? ["cert_signing"]
      : ["digital_signature", "server_auth", "client_auth"];
    const { outputs } = await issueCertificate(
      {
        allowedUses: uses,
        validityPeriodHours: hours,
        earlyRenewalHours: 0,
        isCaCertificate,
        maxPathLength: -1,
      },
      {
        subject: new Name([{ CN: [subject] }]),
        issuer: new Name([{ CN: [name] }]),
        publicKeyDer: publicKey.export({ type: "spki", format: "der" }),
        issuerKey: own.privateKey,
        extensions: isCaCertificate
          ? []
          : [new SubjectAlternativeNameExtension([{ type: "dns", value: subject }])],
      },
    );
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    return { cert: String(outputs.certPem), key };
  };
  const { cert: ca } = await make(name, 24, true);
  return { ca, issue: (subject, hours = 24) => make(subject, hours, false) };
}
