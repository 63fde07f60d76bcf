import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import type { ConsulPlan, ObjectNames } from "./plan";
import { tokenFor } from "./tokens";

/** Everything that is generated for an instance. All but the two certificates is secret. */
export interface Keys {
  caCertificate: pulumi.Output<string>;
  gossipKey: pulumi.Output<string>;
  serverCertificate: pulumi.Output<string>;
  serverKey: pulumi.Output<string>;
  tokenSeed: pulumi.Output<string>;
}

const HOURS_A_DAY = 24;

/**
 * Makes the keys. What cannot be made again without a new cluster - gossip key, token seed, the
 * authority's key - carries `guard`; a server's certificate is renewed by the first `pulumi up` in the 90
 * days before its end.
 */
export function createKeys(
  parent: pulumi.Resource,
  plan: ConsulPlan,
  names: ObjectNames,
  guard: pulumi.CustomResourceOptions,
): Keys {
  const { name } = plan;
  const gossip = new random.RandomBytes(`${name}-gossip-key`, { length: 32 }, { parent, ...guard });
  const seed = new random.RandomPassword(
    `${name}-token-seed`,
    { length: 64, special: false },
    { parent, ...guard },
  );
  const authority = createAuthority(parent, plan, guard);
  const server = createServerCertificate(parent, plan, names, authority);
  return {
    caCertificate: authority.certificate.certPem,
    gossipKey: pulumi.secret(gossip.base64),
    serverCertificate: server.certificate.certPem,
    serverKey: pulumi.secret(server.key.privateKeyPem),
    tokenSeed: pulumi.secret(seed.result),
  };
}

/** Derives the token for a purpose; a secret, as its seed is. */
export function deriveToken(keys: Keys, purpose: string): pulumi.Output<string> {
  return keys.tokenSeed.apply((seed) => tokenFor(seed, purpose));
}

interface Authority {
  certificate: tls.SelfSignedCert;
  key: tls.PrivateKey;
}

function createAuthority(
  parent: pulumi.Resource,
  { name, datacenter }: ConsulPlan,
  guard: pulumi.CustomResourceOptions,
): Authority {
  const key = createKey(parent, `${name}-ca-key`, guard);
  const certificate = new tls.SelfSignedCert(
    `${name}-ca`,
    {
      privateKeyPem: pulumi.secret(key.privateKeyPem),
      isCaCertificate: true,
      subject: { commonName: `${name} ${datacenter} consul authority`, organization: "kvm-fabric" },
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: 3650 * HOURS_A_DAY,
    },
    { parent },
  );
  return { certificate, key };
}

function createServerCertificate(
  parent: pulumi.Resource,
  { name, namespace, datacenter }: ConsulPlan,
  names: ObjectNames,
  authority: Authority,
) {
  const key = createKey(parent, `${name}-server-key`, {});
  const request = new tls.CertRequest(
    `${name}-server`,
    {
      privateKeyPem: pulumi.secret(key.privateKeyPem),
      subject: { commonName: `server.${datacenter}.consul`, organization: "kvm-fabric" },
      dnsNames: serverDnsNames(datacenter, names, namespace),
      ipAddresses: ["127.0.0.1"],
    },
    { parent },
  );
  const certificate = new tls.LocallySignedCert(
    `${name}-server`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.certificate.certPem,
      caPrivateKeyPem: pulumi.secret(authority.key.privateKeyPem),
      allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
      validityPeriodHours: 3 * 365 * HOURS_A_DAY,
      earlyRenewalHours: 90 * HOURS_A_DAY,
    },
    { parent },
  );
  return { certificate, key };
}

/**
 * The names in a server's certificate. Servers ask each other for `server.DATACENTER.consul`, whatever
 * address they called.
 * Source: https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/tls
 */
function serverDnsNames(
  datacenter: string,
  names: ObjectNames,
  namespace: pulumi.Input<string>,
): pulumi.Input<string>[] {
  const service = pulumi.interpolate`${names.servers}.${namespace}`;
  return [
    `server.${datacenter}.consul`,
    "localhost",
    names.servers,
    service,
    pulumi.interpolate`${service}.svc`,
    pulumi.interpolate`${service}.svc.cluster.local`,
    pulumi.interpolate`*.${names.headless}.${namespace}.svc`,
  ];
}

function createKey(parent: pulumi.Resource, name: string, options: pulumi.CustomResourceOptions) {
  return new tls.PrivateKey(
    name,
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    { parent, ...options },
  );
}
