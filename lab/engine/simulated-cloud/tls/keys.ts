import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** The official provider's names for kinds of keys. */
export const KeyAlgorithm = { Rsa: "RSA", Ecdsa: "ECDSA", Ed25519: "ED25519" } as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** OpenSSL's names of the curves, by the names that inputs use. */
export const CURVES: Readonly<Record<string, string>> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

/** Reads a private key in PEM or OpenSSH-free PKCS#8, PKCS#1 or SEC1 form; throws an error that says so. */
export function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error("not a private key in PEM format", { cause: error });
  }
}

/** The kind of a key. Throws for kinds that the official provider does not know either. */
export function algorithmOf(key: KeyObject): KeyAlgorithm {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return KeyAlgorithm.Rsa;
    case "ec":
      return KeyAlgorithm.Ecdsa;
    case "ed25519":
      return KeyAlgorithm.Ed25519;
    default:
      throw new Error(`keys of type ${String(key.asymmetricKeyType)} are not supported`);
  }
}

/** The curve of an ECDSA key by the name that inputs use (`P256`); undefined for other keys. */
export function curveOf(key: KeyObject): string | undefined {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return Object.keys(CURVES).find((name) => CURVES[name] === curve);
}

/** The private key in the form usual for its kind: PKCS#1 for RSA, SEC1 for ECDSA, else PKCS#8. */
export function privateKeyPem(key: KeyObject): string {
  switch (algorithmOf(key)) {
    case KeyAlgorithm.Rsa:
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case KeyAlgorithm.Ecdsa:
      return key.export({ type: "sec1", format: "pem" }).toString();
    case KeyAlgorithm.Ed25519:
      return key.export({ type: "pkcs8", format: "pem" }).toString();
  }
}

/** The public half as a SubjectPublicKeyInfo, DER encoded. */
export function publicKeyDer(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" });
}

/** The public half in PEM format. */
export function publicKeyPem(key: KeyObject): string {
  return pem("PUBLIC KEY", publicKeyDer(key));
}

/** The id of a key or request: the SHA-1 of its encoding, in hex. */
export function contentId(der: Uint8Array): string {
  return createHash("sha1").update(der).digest("hex");
}

/** DER as PEM, in lines of 64 characters, ending with a line feed. */
export function pem(label: string, der: Uint8Array, lineLength = 64): string {
  const text = Buffer.from(der).toString("base64");
  const lines = text.match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
