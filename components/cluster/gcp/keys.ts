import type { Input, Resource } from "@pulumi/pulumi";
import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { KeyRing } from "@pulumi/gcp/kms/keyRing";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import type { GcpClusterPlan } from "./plan";

/** The key of the cluster's Secrets, and what has to be there before a cluster uses it. */
export interface DatabaseKey {
  id: Input<string>;
  /** Lets GKE use the key: gone, the API server cannot read a Secret. */
  grant: CryptoKeyIAMMember;
}

/**
 * Creates the key of the cluster's Secrets, unless one is given, and lets GKE's service agent use it.
 *
 * Ring and key are named by Pulumi, with a suffix: Google Cloud never deletes either, and a name that was used once
 * would stand in the way of the next cluster of that name for ever.
 * Source: https://cloud.google.com/kms/docs/destroy-restore#considerations
 */
export function createDatabaseKey(parent: Resource, plan: GcpClusterPlan): DatabaseKey {
  const { name, project } = plan;
  const id = plan.databaseKeyId ?? createKey(parent, plan).id;
  const agent = new ServiceIdentity(
    `${name}-gke-agent`,
    { project, service: "container.googleapis.com" },
    { parent },
  );
  const grant = new CryptoKeyIAMMember(
    `${name}-key-user`,
    {
      cryptoKeyId: id,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: agent.member,
    },
    { parent },
  );
  return { id, grant };
}

function createKey(parent: Resource, plan: GcpClusterPlan): CryptoKey {
  const { name, network, project, deletionProtection: protect } = plan;
  const ring = new KeyRing(
    `${name}-keys`,
    { location: network.region, project },
    { parent, protect },
  );
  return new CryptoKey(
    `${name}-secrets`,
    {
      keyRing: ring.id,
      labels: plan.labels,
      purpose: "ENCRYPT_DECRYPT",
      rotationPeriod: `${String(plan.keyRotationSeconds)}s`,
    },
    { parent, protect },
  );
}
