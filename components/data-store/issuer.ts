import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import type { Input, Resource } from "@pulumi/pulumi";
import { certificateFaults } from "../shared/certificates";
import type { Fault } from "../shared/faults";
import { IssuerKind } from "../shared/issuer-kind";
import { memberFaults } from "../shared/members";

/** An issuer of cert-manager that signs a server's certificate, instead of an authority that is generated. */
export interface DataStoreIssuer {
  /** Name of the issuer. */
  name: Input<string>;
  /** Certificates (PEM) of the issuer's authority, which consumers check the server by. */
  caCertificate: Input<string>;
  /** Which kind of issuer. Defaults to `IssuerKind.ClusterIssuer`. */
  kind?: IssuerKind;
}

/** Checks an issuer. Nothing at all is no fault. */
export function issuerFaults(path: string, issuer: DataStoreIssuer | undefined): Fault[] {
  if (issuer === undefined) return [];
  return [
    ...memberFaults(`${path}.kind`, issuer.kind, Object.values(IssuerKind)),
    ...certificateFaults(`${path}.caCertificate`, issuer.caCertificate),
  ];
}

/** What a server's certificate is made of. */
interface ServerCertificate {
  /** Logical name of the resource. */
  name: string;
  issuer: DataStoreIssuer;
  metadata: { name: string; namespace: Input<string>; labels: Record<string, string> };
  dnsNames: Input<string>[];
  /** Labels of the Secret, which has the certificate's name. Defaults to none. */
  secretLabels?: Record<string, string>;
}

/**
 * Asks cert-manager for a server's certificate: 90 days, renewed 30 days before its end, each time with a new key, without
 * Pulumi. Waits until the Secret is there.
 * Source: https://cert-manager.io/docs/usage/certificate/
 */
export function createServerCertificate(
  parent: Resource,
  { name, issuer, metadata, dnsNames, secretLabels }: ServerCertificate,
): CustomResource {
  return new CustomResource(
    name,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { ...metadata, annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: {
        secretName: metadata.name,
        ...(secretLabels !== undefined && { secretTemplate: { labels: secretLabels } }),
        duration: "2160h",
        renewBefore: "720h",
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        usages: ["digital signature", "server auth"],
        dnsNames,
        issuerRef: {
          group: "cert-manager.io",
          kind: issuer.kind ?? IssuerKind.ClusterIssuer,
          name: issuer.name,
        },
      },
    },
    { parent },
  );
}
