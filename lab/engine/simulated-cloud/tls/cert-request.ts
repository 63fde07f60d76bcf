import { createPublicKey } from "node:crypto";
import type { ResourceKind } from "../resource-kind";
import { algorithmOf, contentId, pem } from "./keys";
import { givenKey, keyFaults, keyInputs, signingKey } from "./signing-key";
import { alternativeNames, identityFaults, identityInputs, subjectName } from "./subject";
import { Pkcs10CertificateRequestGenerator } from "./x509";

/** `tls.CertRequest`: asks an authority for a certificate (PKCS #10). */
export const certRequest: ResourceKind = {
  inputs: { ...identityInputs, ...keyInputs("privateKeyPem") },
  outputs: ["certRequestPem", "keyAlgorithm"],
  secrets: ["privateKeyPem", "privateKeyPemWo"],
  check: (known, given) => [...keyFaults("privateKeyPem", known, given), ...identityFaults(known)],
  create: async (inputs) => {
    const privateKey = givenKey("privateKeyPem", inputs);
    const { key, algorithm } = signingKey(privateKey);
    const publicKey = createPublicKey(privateKey).toCryptoKey(algorithm, true, ["verify"]);
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: subjectName(inputs),
      keys: { privateKey: key, publicKey },
      signingAlgorithm: algorithm,
      extensions: alternativeNames(inputs),
    });
    const der = new Uint8Array(request.rawData);
    return {
      id: contentId(der),
      outputs: {
        certRequestPem: pem("CERTIFICATE REQUEST", der),
        keyAlgorithm: algorithmOf(privateKey),
      },
    };
  },
};
