import { type ResourceKind, Shape } from "../resource-kind";
import {
  certificateInputs,
  certificateOutputs,
  expired,
  issueCertificate,
  renewal,
} from "./certificate";
import { algorithmOf, publicKeyDer } from "./keys";
import { givenKey, keyFaults, keyInputs } from "./signing-key";
import { alternativeNames, identityFaults, identityInputs, subjectName } from "./subject";
import { PublicKey, SubjectKeyIdentifierExtension } from "./x509";

/** `tls.SelfSignedCert`: a certificate signed with its own key, such as that of an authority. */
export const selfSignedCert: ResourceKind = {
  inputs: {
    ...certificateInputs,
    ...identityInputs,
    ...keyInputs("privateKeyPem"),
    setAuthorityKeyId: { shape: Shape.Flag, default: false },
  },
  outputs: [...certificateOutputs, "keyAlgorithm"],
  secrets: ["privateKeyPem", "privateKeyPemWo"],
  check: (known, given) => [...keyFaults("privateKeyPem", known, given), ...identityFaults(known)],
  create: async (inputs) => {
    const key = givenKey("privateKeyPem", inputs);
    const der = publicKeyDer(key);
    const subject = subjectName(inputs);
    const ownId = await SubjectKeyIdentifierExtension.create(new PublicKey(der));
    const { id, outputs } = await issueCertificate(inputs, {
      subject,
      issuer: subject,
      publicKeyDer: der,
      issuerKey: key,
      authorityKeyId: inputs.setAuthorityKeyId === true ? ownId.keyId : undefined,
      extensions: alternativeNames(inputs),
    });
    return { id, outputs: { ...outputs, keyAlgorithm: algorithmOf(key) } };
  },
  read: renewal,
  expired,
};
