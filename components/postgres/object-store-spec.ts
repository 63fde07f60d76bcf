import type { Input } from "@pulumi/pulumi";
import { BackupCloud, type PostgresObjectStore } from "./backup-args";

/**
 * Renders the specification of the Barman Cloud plugin's ObjectStore. Without `retention` nothing is ever deleted there.
 * Source: https://cloudnative-pg.io/plugin-barman-cloud/docs/object_stores/
 */
export function objectStoreSpec(store: PostgresObjectStore, retention?: string) {
  const { endpointCaSecret, endpointUrl, path } = store;
  return {
    ...(retention !== undefined && { retentionPolicy: retention }),
    configuration: {
      destinationPath: path,
      ...(endpointUrl !== undefined && { endpointURL: endpointUrl }),
      ...(endpointCaSecret !== undefined && {
        endpointCA: { name: endpointCaSecret, key: "ca.crt" },
      }),
      ...credentials(store),
      data: { compression: "gzip" },
      wal: { compression: "gzip", maxParallel: 4 },
    },
    instanceSidecarConfiguration: {
      resources: {
        requests: { cpu: "50m", memory: "128Mi" },
        limits: { memory: "512Mi" },
      },
    },
  };
}

function credentials({ cloud, credentialsSecret: name }: PostgresObjectStore) {
  const from = (key: string): { name: Input<string>; key: string } => ({ name: name ?? "", key });
  switch (cloud) {
    case BackupCloud.S3:
      return {
        s3Credentials:
          name === undefined
            ? { inheritFromIAMRole: true }
            : {
                accessKeyId: from("ACCESS_KEY_ID"),
                secretAccessKey: from("ACCESS_SECRET_KEY"),
                region: from("REGION"),
              },
      };
    case BackupCloud.Gcs:
      return {
        googleCredentials:
          name === undefined
            ? { gkeEnvironment: true }
            : { applicationCredentials: from("gcsCredentials") },
      };
    case BackupCloud.Azure:
      return {
        azureCredentials:
          name === undefined
            ? { inheritFromAzureAD: true }
            : {
                storageAccount: from("AZURE_STORAGE_ACCOUNT"),
                storageKey: from("AZURE_STORAGE_KEY"),
              },
      };
    default: {
      const other: never = cloud;
      throw new Error(`no credentials of ${String(other)}`);
    }
  }
}
