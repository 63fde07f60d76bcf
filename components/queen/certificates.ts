import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { dataGuard } from "../shared/data-guard";
import { queenMetadata } from "./metadata";
import type { QueenPlan } from "./plan";
import { serverNames } from "./server-names";

const HOURS_A_DAY = 24;

/** A certificate and its key. */
export interface QueenIdentity {
  /** The certificate (PEM). */
  certificate: pulumi.Output<string>;
  /** The key (PEM); secret. */
  key: pulumi.Output<string>;
}

/** What the certificates of an instance come to. */
export interface QueenKeys {
  /** Certificates (PEM) of all authorities that are trusted. */
  authorities: pulumi.Output<string>;
  /** By the name of the consumer; none where cert-manager has them. */
  identities: Record<string, QueenIdentity> | undefined;
  /** Names of the consumers' Secrets by the name of the consumer. */
  secretNames: Record<string, pulumi.Output<string>>;
  /** Name of the Secret with Queen's own. */
  serverSecretName: pulumi.Output<string>;
}

/** Makes an authority, and signs Queen's certificate and each consumer's. */
export function createGeneratedKeys(parent: pulumi.Resource, plan: QueenPlan): QueenKeys {
  const { name, names, namespace } = plan;
  const authority = createAuthority(parent, plan);
  const server = createLeaf(parent, plan, authority, {
    name: `${name}-server`,
    commonName: name,
    dnsNames: serverNames(plan),
    use: "server_auth",
  });
  const secret = createSecret(parent, `${name}-tls`, server, {
    ...queenMetadata(plan, names.tls),
    namespace,
  });
  const consumers = plan.consumers.map((consumer) => {
    const identity = createLeaf(parent, plan, authority, {
      name: `${name}-${consumer.name}-client`,
      commonName: consumer.name,
      uris: [consumer.uri],
      use: "client_auth",
    });
    const metadata = {
      ...queenMetadata(plan, consumer.secretName),
      namespace: consumer.namespace,
    };
    const written = createSecret(parent, `${name}-${consumer.name}-tls`, identity, metadata);
    return { name: consumer.name, identity, secretName: written.metadata.name };
  });
  return {
    authorities: trusted(authority.certificate, plan),
    identities: Object.fromEntries(consumers.map((one) => [one.name, one.identity])),
    secretNames: Object.fromEntries(consumers.map((one) => [one.name, one.secretName])),
    serverSecretName: secret.metadata.name,
  };
}

/** The authority that signs first, then those of before or after it. */
export function trusted(
  signing: pulumi.Input<string>,
  { trustedCertificates }: QueenPlan,
): pulumi.Output<string> {
  return pulumi
    .all([signing, ...trustedCertificates])
    .apply((certificates) => certificates.map((one) => `${one.trim()}\n`).join(""));
}

function createAuthority(
  parent: pulumi.Resource,
  { name, deletionProtection }: QueenPlan,
): QueenIdentity {
  const key = createKey(parent, `${name}-ca-key`, dataGuard(deletionProtection));
  const { certPem } = new tls.SelfSignedCert(
    `${name}-ca`,
    {
      privateKeyPem: key,
      isCaCertificate: true,
      // By it the next authority, which has the same name, is told from this one.
      setSubjectKeyId: true,
      subject: { commonName: `${name} authority`, organization: "kvm-fabric" },
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: 3650 * HOURS_A_DAY,
    },
    { parent },
  );
  return { certificate: certPem, key };
}

/** What a certificate says. */
interface Leaf {
  /** Logical name of its resources; its key's ends in `-key`. */
  name: string;
  commonName: string;
  dnsNames?: pulumi.Input<string>[];
  uris?: pulumi.Input<string>[];
  use: "client_auth" | "server_auth";
}

function createLeaf(
  parent: pulumi.Resource,
  { leafDays }: QueenPlan,
  authority: QueenIdentity,
  { name, commonName, dnsNames, uris, use }: Leaf,
): QueenIdentity {
  const key = createKey(parent, `${name}-key`, {});
  const request = new tls.CertRequest(
    name,
    {
      privateKeyPem: key,
      subject: { commonName, organization: "kvm-fabric" },
      ...(dnsNames && { dnsNames }),
      ...(uris && { uris }),
    },
    { parent },
  );
  const { certPem } = new tls.LocallySignedCert(
    name,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.certificate,
      caPrivateKeyPem: authority.key,
      allowedUses: ["digital_signature", use],
      validityPeriodHours: leafDays * HOURS_A_DAY,
      earlyRenewalHours: leafDays * (HOURS_A_DAY / 3),
    },
    { parent },
  );
  return { certificate: certPem, key };
}

function createKey(
  parent: pulumi.Resource,
  name: string,
  guard: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const key = new tls.PrivateKey(
    name,
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    { parent, ...guard },
  );
  return pulumi.secret(key.privateKeyPem);
}

function createSecret(
  parent: pulumi.Resource,
  name: string,
  { certificate, key }: QueenIdentity,
  metadata: object,
): corev1.Secret {
  const stringData = { "tls.crt": certificate, "tls.key": key };
  return new corev1.Secret(name, { metadata, type: "kubernetes.io/tls", stringData }, { parent });
}
