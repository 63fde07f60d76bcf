import type { webcrypto } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Properties } from "../../grpc/wire";
import { optionalText } from "../inputs";
import { type InputFault, type InputRule, Shape } from "../resource-kind";
import { algorithmOf, curveOf, KeyAlgorithm, parsePrivateKey } from "./keys";

/** A key that can sign, and the hash that Go's crypto/x509 pairs it with. */
export interface SigningKey {
  key: webcrypto.CryptoKey;
  algorithm: { name: string; hash: string };
}

const HASHES: Readonly<Record<string, string>> = {
  P256: "SHA-256",
  P384: "SHA-384",
  P521: "SHA-512",
};

/** Makes a key ready for signing certificates. Throws for curve P224, which WebCrypto does not have. */
export function signingKey(key: KeyObject): SigningKey {
  const algorithm = signingAlgorithm(key);
  return { key: key.toCryptoKey(algorithm, false, ["sign"]), algorithm };
}

function signingAlgorithm(key: KeyObject) {
  const kind = algorithmOf(key);
  if (kind === KeyAlgorithm.Ed25519) return { name: "Ed25519", hash: "SHA-512" };
  if (kind === KeyAlgorithm.Rsa) return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const curve = curveOf(key) ?? "";
  const hash = HASHES[curve];
  if (hash === undefined) {
    const allowed = Object.keys(HASHES).join(", ");
    throw new Error(
      `the lab signs with ECDSA curves ${allowed}, got ${curve}; try ecdsaCurve P256`,
    );
  }
  return { name: "ECDSA", hash, namedCurve: curve.replace("P", "P-") };
}

/** The inputs for a private key, kept in the state or write-only (`...Wo`). */
export function keyInputs(name: string): Record<string, InputRule> {
  return {
    [name]: { shape: Shape.Text },
    [`${name}Wo`]: { shape: Shape.Text, writeOnly: true },
    [`${name}WoVersion`]: { shape: Shape.Integer },
  };
}

/** Faults of these inputs: exactly one of the two forms must be given, and it must be a key. */
export function keyFaults(
  name: string,
  known: Properties,
  given: ReadonlySet<string>,
): InputFault[] {
  const forms = [name, `${name}Wo`].filter((form) => given.has(form));
  if (forms.length !== 1) {
    const reason = `exactly one of ${name} and ${name}Wo is required, got ${forms.length}`;
    return [{ property: name, reason }];
  }
  const property = forms[0] ?? name;
  const pem = optionalText(known, property);
  if (pem === undefined) return [];
  try {
    signingKey(parsePrivateKey(pem));
    return [];
  } catch (error) {
    return [{ property, reason: error instanceof Error ? error.message : String(error) }];
  }
}

/** The private key that was given, in either form. */
export function givenKey(name: string, inputs: Properties): KeyObject {
  return parsePrivateKey(optionalText(inputs, name) ?? optionalText(inputs, `${name}Wo`) ?? "");
}
