import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { Properties } from "../../grpc/wire";
import { numberOf, textOf } from "../inputs";
import { type ResourceKind, Shape } from "../resource-kind";
import { contentId, CURVES, KeyAlgorithm, privateKeyPem, publicKeyDer, publicKeyPem } from "./keys";
import { opensshForm } from "./openssh";

const generate = promisify(generateKeyPair);

/** `tls.PrivateKey`: a new key pair. It cannot be imported. */
export const privateKey: ResourceKind = {
  inputs: {
    algorithm: { shape: Shape.Text, required: true, allowed: Object.values(KeyAlgorithm) },
    ecdsaCurve: { shape: Shape.Text, default: "P224", allowed: Object.keys(CURVES) },
    // Below 1024 bits neither OpenSSL nor Go makes a key nowadays.
    rsaBits: { shape: Shape.Integer, default: 2048, minimum: 1024 },
  },
  outputs: [
    "privateKeyOpenssh",
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
  ],
  secrets: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
  create: async (inputs) => {
    const key = await newKey(inputs);
    const outputs = {
      ...opensshForm(key),
      privateKeyPem: privateKeyPem(key),
      privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }).toString(),
      publicKeyPem: publicKeyPem(key),
    };
    return { id: contentId(publicKeyDer(key)), outputs };
  },
};

async function newKey(inputs: Properties): Promise<KeyObject> {
  const algorithm = textOf(inputs, "algorithm");
  if (algorithm === KeyAlgorithm.Ed25519) return (await generate("ed25519")).privateKey;
  if (algorithm === KeyAlgorithm.Rsa) {
    return (await generate("rsa", { modulusLength: numberOf(inputs, "rsaBits") })).privateKey;
  }
  const namedCurve = CURVES[textOf(inputs, "ecdsaCurve")] ?? "";
  return (await generate("ec", { namedCurve })).privateKey;
}
