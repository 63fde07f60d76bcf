import { createPublicKey, type KeyObject } from "node:crypto";
import type { Properties } from "../../grpc/wire";
import { optionalText, textOf } from "../inputs";
import { type InputFault, type ResourceKind, Shape } from "../resource-kind";
import {
  certificateInputs,
  certificateOutputs,
  expired,
  issueCertificate,
  renewal,
} from "./certificate";
import { algorithmOf, publicKeyDer } from "./keys";
import { givenKey, keyFaults, keyInputs } from "./signing-key";
import {
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from "./x509";

/** `tls.LocallySignedCert`: a certificate that an authority issues on a request (`tls.CertRequest`). */
export const locallySignedCert: ResourceKind = {
  inputs: {
    ...certificateInputs,
    ...keyInputs("caPrivateKeyPem"),
    caCertPem: { shape: Shape.Text, required: true },
    certRequestPem: { shape: Shape.Text, required: true },
  },
  outputs: [...certificateOutputs, "caKeyAlgorithm"],
  secrets: ["caPrivateKeyPem", "caPrivateKeyPemWo"],
  check: (known, given) => [
    ...keyFaults("caPrivateKeyPem", known, given),
    ...pemFaults("caCertPem", "certificate", known, (text) => new X509Certificate(text)),
    ...pemFaults("certRequestPem", "request", known, (text) => new Pkcs10CertificateRequest(text)),
  ],
  create: async (inputs) => {
    const authority = new X509Certificate(textOf(inputs, "caCertPem"));
    const request = new Pkcs10CertificateRequest(textOf(inputs, "certRequestPem"));
    const issuerKey = givenKey("caPrivateKeyPem", inputs);
    assertMatch(authority, issuerKey);
    const { id, outputs } = await issueCertificate(inputs, {
      subject: request.subjectName,
      issuer: authority.subjectName,
      publicKeyDer: Buffer.from(request.publicKey.rawData),
      issuerKey,
      authorityKeyId: authority.getExtension(SubjectKeyIdentifierExtension)?.keyId,
      extensions: request.extensions.filter(
        (extension) => extension instanceof SubjectAlternativeNameExtension,
      ),
    });
    return { id, outputs: { ...outputs, caKeyAlgorithm: algorithmOf(issuerKey) } };
  },
  read: renewal,
  expired,
};

function pemFaults(
  property: string,
  what: string,
  known: Properties,
  parse: (pem: string) => unknown,
): InputFault[] {
  const text = optionalText(known, property);
  if (text === undefined) return [];
  try {
    parse(text);
    return [];
  } catch {
    return [{ property, reason: `not a ${what} in PEM format` }];
  }
}

// A certificate signed with another key than the authority's would be refused by everyone.
function assertMatch(authority: X509Certificate, key: KeyObject): void {
  const spki = Buffer.from(authority.publicKey.rawData);
  const stated = createPublicKey({ key: spki, format: "der", type: "spki" });
  if (!publicKeyDer(stated).equals(publicKeyDer(key))) {
    throw new Error("caPrivateKeyPem: not the private key of the certificate in caCertPem");
  }
}
