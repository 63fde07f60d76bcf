import type { Properties } from "../../grpc/wire";
import { optionalText } from "../inputs";
import { algorithmOf, contentId, parsePrivateKey, publicKeyDer, publicKeyPem } from "./keys";
import { opensshForm } from "./openssh";

/** `tls.getPublicKey`: the public half of a private key in PEM format. */
export function getPublicKey(args: Properties): Properties {
  const pem = optionalText(args, "privateKeyPem");
  if (pem === undefined)
    throw new Error("privateKeyPem: required here (OpenSSH keys are not read)");
  const key = parsePrivateKey(pem);
  const openssh = opensshForm(key);
  return {
    algorithm: algorithmOf(key),
    id: contentId(publicKeyDer(key)),
    privateKeyPem: pem,
    publicKeyPem: publicKeyPem(key),
    publicKeyFingerprintMd5: openssh.publicKeyFingerprintMd5,
    publicKeyFingerprintSha256: openssh.publicKeyFingerprintSha256,
    publicKeyOpenssh: openssh.publicKeyOpenssh,
  };
}
