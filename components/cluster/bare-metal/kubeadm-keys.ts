import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** What every server of a cluster signs with. All but the authority is secret. */
export interface KubeadmKeys {
  /** The cluster's authority: its certificate, in PEM. */
  authority: pulumi.Output<string>;
  /** PEM in base64, in the order of KUBEADM_SERVER_SECRETS. */
  lines: pulumi.Output<string[]>;
}

const HOURS = 10 * 365 * 24;

/**
 * Makes the authorities before the cluster, so that every server has them whenever it joins: what kubeadm uploads for
 * joining servers is gone after two hours. kubeadm signs all else with them on the hosts, for a year, and anew with each
 * upgrade.
 * Source: https://kubernetes.io/docs/setup/best-practices/certificates/
 */
export function createKubeadmKeys(
  parent: pulumi.Resource,
  name: string,
  guard: pulumi.CustomResourceOptions,
): KubeadmKeys {
  const options = { parent, ...guard };
  const key = (of: string) =>
    new tls.PrivateKey(`${name}-${of}-key`, { algorithm: "RSA", rsaBits: 2048 }, options);
  const authorities = [
    ["ca", "kubernetes"],
    ["front-proxy-ca", "front-proxy-ca"],
    ["etcd-ca", "etcd-ca"],
  ] as const;
  const pairs = authorities.map(([of, commonName]) => {
    const { privateKeyPem } = key(of);
    const { certPem } = new tls.SelfSignedCert(
      `${name}-${of}`,
      {
        privateKeyPem: pulumi.secret(privateKeyPem),
        isCaCertificate: true,
        subject: { commonName },
        allowedUses: ["cert_signing", "key_encipherment", "digital_signature"],
        validityPeriodHours: HOURS,
      },
      options,
    );
    return { certPem, privateKeyPem };
  });
  const accounts = key("service-accounts");
  const pems = [
    ...pairs.flatMap(({ certPem, privateKeyPem }) => [privateKeyPem, certPem]),
    accounts.privateKeyPem,
    accounts.publicKeyPem,
  ];
  return {
    authority: pulumi.unsecret(pulumi.output(pairs[0]?.certPem ?? "")),
    lines: pulumi.secret(
      pulumi.all(pems).apply((all) => all.map((pem) => Buffer.from(pem).toString("base64"))),
    ),
  };
}
