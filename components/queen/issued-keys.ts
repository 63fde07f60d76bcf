import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import type * as pulumi from "@pulumi/pulumi";
import { IssuerKind } from "../shared/issuer-kind";
import type { QueenIssuer } from "./args";
import { type QueenKeys, trusted } from "./certificates";
import { queenMetadata } from "./metadata";
import type { QueenPlan } from "./plan";
import { serverNames } from "./server-names";

const HOURS_A_DAY = 24;

/**
 * Asks cert-manager for Queen's certificate and each consumer's. It renews them without Pulumi, each time with a new key.
 * Source: https://cert-manager.io/docs/usage/certificate/
 */
export function createIssuedKeys(
  parent: pulumi.Resource,
  plan: QueenPlan,
  issuer: QueenIssuer,
): QueenKeys {
  const { name, names, namespace } = plan;
  const server = createCertificate(parent, plan, issuer, {
    name: `${name}-tls`,
    secretName: names.tls,
    namespace,
    spec: { commonName: name, dnsNames: serverNames(plan), usages: usages("server auth") },
  });
  const consumers = plan.consumers.map((consumer) => {
    const secretName = createCertificate(parent, plan, issuer, {
      name: `${name}-${consumer.name}-tls`,
      secretName: consumer.secretName,
      namespace: consumer.namespace,
      spec: { commonName: consumer.name, uris: [consumer.uri], usages: usages("client auth") },
    });
    return [consumer.name, secretName] as const;
  });
  return {
    authorities: trusted(issuer.caCertificate, plan),
    identities: undefined,
    secretNames: Object.fromEntries(consumers),
    serverSecretName: server,
  };
}

function usages(use: string): string[] {
  return ["digital signature", use];
}

interface Issued {
  /** Logical name of the resource. */
  name: string;
  secretName: string;
  namespace: pulumi.Input<string>;
  spec: object;
}

/** Answers with the name of the Secret, once it is there. */
function createCertificate(
  parent: pulumi.Resource,
  plan: QueenPlan,
  issuer: QueenIssuer,
  { name, secretName, namespace, spec }: Issued,
): pulumi.Output<string> {
  const metadata = { ...queenMetadata(plan, secretName), namespace };
  const hours = plan.leafDays * HOURS_A_DAY;
  const certificate = new CustomResource(
    name,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { ...metadata, annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: {
        secretName,
        secretTemplate: { labels: metadata.labels },
        duration: `${hours}h`,
        renewBefore: `${hours / 3}h`,
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        ...spec,
        issuerRef: {
          group: "cert-manager.io",
          kind: issuer.kind ?? IssuerKind.ClusterIssuer,
          name: issuer.name,
        },
      },
    },
    { parent },
  );
  return certificate.metadata.name;
}
