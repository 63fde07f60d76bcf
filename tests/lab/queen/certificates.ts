import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { issueCertificate } from "../../../lab/engine/simulated-cloud/tls/certificate";
import { alternativeNames, subjectName } from "../../../lab/engine/simulated-cloud/tls/subject";
import {
  Name,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from "../../../lab/engine/simulated-cloud/tls/x509";
import type { Deployment } from "../../support/deploy";

/** A certificate and its key, in PEM. */
export interface Identity {
  certificate: string;
  key: string;
}

/** An authority as the component asks for it: one that comes after another has the same name. */
export async function makeAuthority(): Promise<Identity> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = new Name([{ CN: ["queen authority"] }]);
  return issue(privateKey, {
    ...{ allowedUses: ["cert_signing", "digital_signature"], isCaCertificate: true },
    ...{ subject, issuer: subject, issuerKey: privateKey, extensions: [] },
    publicKeyDer: publicKey.export({ type: "spki", format: "der" }),
  });
}

/**
 * Every certificate that a component asks the provider for, by the name of its resource, signed by `authority` as the
 * provider would: with the names, URIs and uses that the component asked for.
 */
export async function signAll(
  { resources }: Deployment,
  authority: Identity,
): Promise<Map<string, Identity>> {
  const issuer = new X509Certificate(authority.certificate);
  const signed = new Map<string, Identity>();
  for (const { type, name, inputs } of resources) {
    if (type !== "tls:index/locallySignedCert:LocallySignedCert") continue;
    const request = resources.find(
      (one) => one.type === "tls:index/certRequest:CertRequest" && one.name === name,
    );
    if (request === undefined) throw new Error(`${name} has no request`);
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const identity = await issue(privateKey, {
      ...{ allowedUses: inputs.allowedUses, isCaCertificate: false },
      subject: subjectName(request.inputs),
      issuer: issuer.subjectName,
      authorityKeyId: issuer.getExtension(SubjectKeyIdentifierExtension)?.keyId,
      issuerKey: createPrivateKey(authority.key),
      extensions: alternativeNames(request.inputs),
      publicKeyDer: publicKey.export({ type: "spki", format: "der" }),
    });
    signed.set(name, identity);
  }
  return signed;
}

async function issue(
  key: KeyObject,
  {
    allowedUses,
    isCaCertificate,
    ...order
  }: Parameters<typeof issueCertificate>[1] & {
    allowedUses: string[];
    isCaCertificate: boolean;
  },
): Promise<Identity> {
  const settings = { allowedUses, isCaCertificate, validityPeriodHours: 24, earlyRenewalHours: 0 };
  const { outputs } = await issueCertificate({ ...settings, maxPathLength: -1 }, order);
  return {
    certificate: String(outputs.certPem),
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
