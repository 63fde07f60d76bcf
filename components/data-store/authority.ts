import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** An authority that was generated for one store. */
export interface StoreAuthority {
  certificate: pulumi.Output<string>;
  /** Secret. */
  key: pulumi.Output<string>;
}

const HOURS_A_DAY = 24;

/**
 * Makes the authority of a store, `NAME-ca-key` and `NAME-ca`, for 10 years; consumers check the server by it, so the key
 * carries `guard`.
 */
export function createAuthority(
  parent: pulumi.Resource,
  name: string,
  guard: pulumi.CustomResourceOptions,
): StoreAuthority {
  const key = createKey(parent, `${name}-ca-key`, guard);
  const certificate = new tls.SelfSignedCert(
    `${name}-ca`,
    {
      privateKeyPem: key,
      isCaCertificate: true,
      subject: { commonName: `${name} authority`, organization: "kvm-fabric" },
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: 3650 * HOURS_A_DAY,
    },
    { parent },
  );
  return { certificate: certificate.certPem, key };
}

/**
 * Makes a server's key and certificate, `NAME-server-key` and `NAME-server`; the first `pulumi up` in the 90 days before
 * its end renews it.
 */
export function createSignedServer(
  parent: pulumi.Resource,
  name: string,
  authority: StoreAuthority,
  dnsNames: pulumi.Input<string>[],
): { certificate: pulumi.Output<string>; key: pulumi.Output<string> } {
  const key = createKey(parent, `${name}-server-key`, {});
  const request = new tls.CertRequest(
    `${name}-server`,
    {
      privateKeyPem: key,
      subject: { commonName: name, organization: "kvm-fabric" },
      dnsNames,
      ipAddresses: ["127.0.0.1"],
    },
    { parent },
  );
  const certificate = new tls.LocallySignedCert(
    `${name}-server`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.certificate,
      caPrivateKeyPem: authority.key,
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
      validityPeriodHours: 3 * 365 * HOURS_A_DAY,
      earlyRenewalHours: 90 * HOURS_A_DAY,
    },
    { parent },
  );
  return { certificate: certificate.certPem, key };
}

function createKey(
  parent: pulumi.Resource,
  name: string,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const args = { algorithm: "ECDSA", ecdsaCurve: "P256" };
  const key = new tls.PrivateKey(name, args, { parent, ...options });
  return pulumi.secret(key.privateKeyPem);
}
