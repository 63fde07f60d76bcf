import { type KeyObject, randomBytes } from "node:crypto";
import type { Properties } from "../../grpc/wire";
import { numberOf, textOf, textsOf } from "../inputs";
import { type Created, type InputRule, Shape } from "../resource-kind";
import { pem } from "./keys";
import { signingKey } from "./signing-key";
import { USAGE_NAMES, usageExtensions } from "./usages";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  type Name,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "./x509";

const HOUR_MILLISECONDS = 3_600_000;

/** The inputs that every kind of certificate takes. */
export const certificateInputs: Record<string, InputRule> = {
  allowedUses: { shape: Shape.TextList, required: true, allowed: USAGE_NAMES },
  earlyRenewalHours: { shape: Shape.Integer, default: 0, minimum: 0, inPlace: true },
  isCaCertificate: { shape: Shape.Flag, default: false },
  maxPathLength: { shape: Shape.Integer, default: -1, minimum: -1 },
  setSubjectKeyId: { shape: Shape.Flag, default: false },
  validityPeriodHours: { shape: Shape.Integer, required: true, minimum: 0 },
};

/** The outputs that every kind of certificate has. */
export const certificateOutputs = [
  "certPem",
  "readyForRenewal",
  "validityEndTime",
  "validityStartTime",
] as const;

/** Whom a certificate is for and who vouches for it. */
export interface CertificateOrder {
  subject: Name;
  issuer: Name;
  publicKeyDer: Buffer;
  /** The issuer's private key. */
  issuerKey: KeyObject;
  /** Hexadecimal identifier of the issuer's key, where the certificate shall carry it. */
  authorityKeyId?: string | undefined;
  /** Extensions besides those that the inputs ask for. */
  extensions: readonly Extension[];
}

/** Issues a certificate, valid from now on, with a random serial number; its id is that number in decimal. */
export async function issueCertificate(
  inputs: Properties,
  order: CertificateOrder,
): Promise<Created> {
  const { key, algorithm } = signingKey(order.issuerKey);
  const start = new Date(Math.floor(Date.now() / 1000) * 1000);
  const hours = numberOf(inputs, "validityPeriodHours");
  const end = new Date(start.getTime() + hours * HOUR_MILLISECONDS);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString("hex"),
    subject: order.subject,
    issuer: order.issuer,
    notBefore: start,
    notAfter: end,
    publicKey: order.publicKeyDer,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: await extensions(inputs, order),
  });
  const outputs = {
    certPem: pem("CERTIFICATE", new Uint8Array(certificate.rawData)),
    validityEndTime: timestamp(end),
    validityStartTime: timestamp(start),
  };
  const state = { ...outputs, earlyRenewalHours: inputs.earlyRenewalHours };
  return {
    id: BigInt(`0x${certificate.serialNumber}`).toString(),
    outputs: { ...outputs, ...renewal(state) },
  };
}

/** What a certificate's state says of its renewal now: due from `earlyRenewalHours` before its end. */
export function renewal(state: Properties): { readyForRenewal: boolean } {
  const end = Date.parse(textOf(state, "validityEndTime"));
  const early = numberOf(state, "earlyRenewalHours") * HOUR_MILLISECONDS;
  return { readyForRenewal: Date.now() >= end - early };
}

/** The reasons to replace a certificate that no input changed. */
export function expired(state: Properties): string[] {
  return renewal(state).readyForRenewal ? ["readyForRenewal"] : [];
}

async function extensions(inputs: Properties, order: CertificateOrder): Promise<Extension[]> {
  const isCa = inputs.isCaCertificate === true;
  const pathLength = numberOf(inputs, "maxPathLength");
  const limit = isCa && pathLength >= 0 ? pathLength : undefined;
  const publicKey = new PublicKey(order.publicKeyDer);
  // Authorities always carry their key's identifier, as with Go's crypto/x509.
  const hasKeyId = isCa || inputs.setSubjectKeyId === true;
  return [
    ...usageExtensions(textsOf(inputs, "allowedUses")),
    new BasicConstraintsExtension(isCa, limit, true),
    ...(hasKeyId ? [await SubjectKeyIdentifierExtension.create(publicKey)] : []),
    ...(order.authorityKeyId === undefined
      ? []
      : [new AuthorityKeyIdentifierExtension(order.authorityKeyId)]),
    ...order.extensions,
  ];
}

// RFC 3339 to the second, like Go.
function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
