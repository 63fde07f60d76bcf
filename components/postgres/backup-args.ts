import type { Input } from "@pulumi/pulumi";

/** Who keeps the objects. */
export const BackupCloud = {
  /** S3, or a store that speaks its protocol. */
  S3: "s3",
  /** Google Cloud Storage. */
  Gcs: "gcs",
  /** Azure Blob Storage. */
  Azure: "azure",
} as const;
/** See the members of the constant of the same name. */
export type BackupCloud = (typeof BackupCloud)[keyof typeof BackupCloud];

/** An object store with backups of a Postgres. */
export interface PostgresObjectStore {
  /** Who keeps the objects. */
  cloud: BackupCloud;
  /**
   * Where the backups lie: `s3://BUCKET/FOLDER`, `gs://BUCKET/FOLDER`, or with Azure
   * `https://ACCOUNT.blob.core.windows.net/CONTAINER/FOLDER`.
   */
  path: string;
  /**
   * Name of a Secret in the store's namespace. Its keys are, with S3, `ACCESS_KEY_ID`, `ACCESS_SECRET_KEY` and `REGION`; with
   * GCS `gcsCredentials`, the key file of a service account; with Azure `AZURE_STORAGE_ACCOUNT` and `AZURE_STORAGE_KEY`.
   * Defaults to none: the pods' own identity, see `workloadIdentity`.
   */
  credentialsSecret?: Input<string>;
  /** URL of a store that speaks S3 and is not Amazon's. Only with S3. Defaults to Amazon's. */
  endpointUrl?: string;
  /** Name of a Secret in the store's namespace; its key `ca.crt` is the authority of `endpointUrl`. Defaults to none. */
  endpointCaSecret?: Input<string>;
}

/** Backups of a Postgres. */
export interface PostgresBackups {
  /** The object store. */
  store: PostgresObjectStore;
  /** Addresses of the object store, for the instances' egress policy. Defaults to every address but the cloud's metadata service. */
  cidrs?: string[];
  /** Days to any second of which the database can be brought back. Defaults to 30. */
  retentionDays?: number;
  /** When a base backup is made, as a cron schedule of six fields, seconds first, in UTC. Defaults to "0 30 2 * * *". */
  schedule?: string;
  /**
   * Identity of the instances at the cloud: with AWS the ARN of a role, with GCP the e-mail of a service account, with Azure
   * the client id of a managed identity. It must trust the ServiceAccount called like the store. Defaults to none: with
   * EKS Pod Identity, or direct grants to the ServiceAccount on GKE, there is nothing to say.
   */
  workloadIdentity?: Input<string>;
}

/** What a Postgres begins with. */
export interface PostgresRecovery {
  /** Name of the store that was backed up: its logical name. Another one than the new store's. */
  serverName: string;
  /** The object store with its backups. Defaults to that of `backups`. */
  store?: PostgresObjectStore;
  /** The moment to go back to, as in `2026-11-22T10:00:00Z`. Defaults to the last one in the archive. */
  targetTime?: string;
}
