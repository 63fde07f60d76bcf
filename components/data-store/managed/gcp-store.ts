import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { KeyRing } from "@pulumi/gcp/kms/keyRing";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import { Secret } from "@pulumi/gcp/secretmanager/secret";
import { SecretVersion } from "@pulumi/gcp/secretmanager/secretVersion";
import * as pulumi from "@pulumi/pulumi";
import { remakeable } from "../../shared/data-guard";
import { type DataStoreLogin, loginData } from "../secrets";

/** What the parts of a store on Google Cloud have in common. */
export interface GcpStorePlan {
  /** The component's logical name. */
  name: string;
  /** Name in the cloud, and beginning of others there. */
  instanceName: string;
  deletionProtection: boolean;
  encryptionKey: pulumi.Input<string> | undefined;
  labels: Record<string, string>;
  project: pulumi.Input<string> | undefined;
  region: pulumi.Input<string>;
}

/** The key of a store and its password, and what must be there before it is used. */
export interface GcpStoreKey {
  id: pulumi.Output<string>;
  /** Lets the services use the key: gone, neither data nor password can be read. */
  grants: pulumi.Resource[];
}

/** Ninety days. */
const ROTATION_SECONDS = 7_776_000;

/** The services that use a store's key, by the word of the logical names of their agents. */
export const GCP_SERVICES = Object.freeze({
  redis: "redis.googleapis.com",
  secrets: "secretmanager.googleapis.com",
  sql: "sqladmin.googleapis.com",
});

/**
 * Creates the key and lets the agents of the services use it. Ring and key are named by Pulumi, with a suffix: Google Cloud
 * never deletes either, and their names would stay taken. Of a key that the user brings, grants are the user's too: two
 * stores with one key would have the same grant, and the first to go would take it from the other.
 * Source: https://cloud.google.com/kms/docs/destroy-restore#considerations
 */
export function createGcpKey(
  plan: GcpStorePlan,
  service: "redis" | "sql",
  options: pulumi.CustomResourceOptions,
): GcpStoreKey {
  const { encryptionKey, name, project } = plan;
  if (encryptionKey !== undefined) return { id: pulumi.output(encryptionKey), grants: [] };
  const { id } = createKey(plan, options);
  const grants = ([service, "secrets"] as const).map((word) => {
    const agent = new ServiceIdentity(
      `${name}-${word}-agent`,
      { project, service: GCP_SERVICES[word] },
      options,
    );
    return new CryptoKeyIAMMember(
      `${name}-${word}-key-user`,
      {
        cryptoKeyId: id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: agent.member,
      },
      options,
    );
  });
  return { id, grants };
}

function createKey(
  { labels, name, project, region }: GcpStorePlan,
  options: pulumi.CustomResourceOptions,
): CryptoKey {
  const ring = new KeyRing(`${name}-keys`, { location: region, project }, options);
  return new CryptoKey(
    `${name}-data`,
    {
      keyRing: ring.id,
      labels,
      purpose: "ENCRYPT_DECRYPT",
      rotationPeriod: `${String(ROTATION_SECONDS)}s`,
    },
    options,
  );
}

/** Keeps the login in Secret Manager, under the keys that consumers in a cluster read; answers the secret's id. */
export function createGcpCredentials(
  { deletionProtection, instanceName, labels, name, project, region }: GcpStorePlan,
  key: GcpStoreKey,
  login: DataStoreLogin,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const secret = new Secret(
    `${name}-credentials`,
    {
      secretId: `${instanceName}-credentials`,
      project,
      deletionProtection,
      labels,
      replication: {
        userManaged: {
          replicas: [{ location: region, customerManagedEncryption: { kmsKeyName: key.id } }],
        },
      },
    },
    { ...options, dependsOn: key.grants },
  );
  new SecretVersion(
    `${name}-credentials`,
    {
      secret: secret.id,
      secretData: pulumi.secret(pulumi.jsonStringify(loginData(login))),
    },
    // Another login or certificate is another version.
    remakeable(options),
  );
  return secret.id;
}
