import { createHash, type JsonWebKey, type KeyObject, randomBytes } from "node:crypto";
import { algorithmOf, CURVES, curveOf, KeyAlgorithm, pem } from "./keys";

/** A key pair as OpenSSH writes it; all empty for ECDSA P224, a curve OpenSSH does not know. */
export interface OpensshForm {
  privateKeyOpenssh: string;
  publicKeyFingerprintMd5: string;
  publicKeyFingerprintSha256: string;
  publicKeyOpenssh: string;
}

/** Writes a private key in OpenSSH's formats (RFC 4253 section 6.6, RFC 5656, openssh PROTOCOL.key). */
export function opensshForm(key: KeyObject): OpensshForm {
  const type = keyType(key);
  if (type === undefined) {
    return {
      privateKeyOpenssh: "",
      publicKeyFingerprintMd5: "",
      publicKeyFingerprintSha256: "",
      publicKeyOpenssh: "",
    };
  }
  const { publicParts, privateParts } = keyParts(key, key.export({ format: "jwk" }));
  const blob = Buffer.concat([field(type), ...publicParts]);
  const md5 = createHash("md5").update(blob).digest("hex");
  const sha256 = createHash("sha256").update(blob).digest("base64");
  return {
    privateKeyOpenssh: privateKeyFile(blob, Buffer.concat([field(type), ...privateParts])),
    publicKeyFingerprintMd5: md5.replace(/(..)(?=.)/g, "$1:"),
    publicKeyFingerprintSha256: `SHA256:${sha256.replace(/=+$/, "")}`,
    publicKeyOpenssh: `${type} ${blob.toString("base64")}\n`,
  };
}

function keyType(key: KeyObject): string | undefined {
  switch (algorithmOf(key)) {
    case KeyAlgorithm.Rsa:
      return "ssh-rsa";
    case KeyAlgorithm.Ed25519:
      return "ssh-ed25519";
    case KeyAlgorithm.Ecdsa: {
      const curve = curveOf(key);
      return curve === undefined || curve === "P224" ? undefined : `ecdsa-sha2-${sshCurve(curve)}`;
    }
  }
}

// The parts of the two blobs after the key's type, from the numbers in its JSON Web Key.
function keyParts(key: KeyObject, jwk: JsonWebKey) {
  const { n, e, d, p, q, qi, x, y } = jwk;
  switch (algorithmOf(key)) {
    case KeyAlgorithm.Rsa:
      return {
        publicParts: [number(e), number(n)],
        privateParts: [n, e, d, qi, p, q].map(number),
      };
    case KeyAlgorithm.Ed25519: {
      const publicPart = field(bytes(x));
      const seedAndPublic = field(Buffer.concat([bytes(d), bytes(x)]));
      return { publicParts: [publicPart], privateParts: [publicPart, seedAndPublic] };
    }
    case KeyAlgorithm.Ecdsa: {
      const point = field(Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]));
      const publicParts = [field(sshCurve(curveOf(key) ?? "")), point];
      return { publicParts, privateParts: [...publicParts, number(d)] };
    }
  }
}

function sshCurve(curve: string): string {
  if (!(curve in CURVES)) throw new Error(`no such curve: ${curve}`);
  return curve.replace("P", "nistp");
}

// Unencrypted, without a comment; the check number twice proves a decryption, the padding counts up.
function privateKeyFile(publicBlob: Buffer, privateBlob: Buffer): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, privateBlob, field("")]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8));
  const one = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[field("none"), field("none"), field(""), one],
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
  return pem("OPENSSH PRIVATE KEY", file, 70);
}

function bytes(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? "", "base64url");
}

function field(content: string | Buffer): Buffer {
  const body = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

// A positive number: no leading zeros, but one zero byte where the first bit would read as a sign.
function number(base64url: string | undefined): Buffer {
  const all = bytes(base64url);
  const start = all.findIndex((byte) => byte !== 0);
  const digits = all.subarray(start < 0 ? all.length : start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : [];
  return field(Buffer.concat([...sign, digits]));
}
