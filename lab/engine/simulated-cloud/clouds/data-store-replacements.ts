import { awsType } from "./aws/references";
import { gcpType } from "./gcp/references";

const NAMES = ["name", "namePrefix"];

/**
 * What makes a new resource among what databases and caches are made of. Sources: the schemas of
 * hashicorp/terraform-provider-aws (internal/service/rds, elasticache, secretsmanager) and
 * hashicorp/terraform-provider-google (google/services/secretmanager, sql); for Azure the path names of ids, as
 * pulumi/pulumi-azure-native (provider/pkg/gen/replacement.go) names nothing else of these services.
 */
export const dataStoreReplacements: Readonly<Record<string, readonly string[]>> = {
  [awsType("rds/instance")]: [
    "engine",
    "username",
    "dbName",
    "availabilityZone",
    "kmsKeyId",
    "storageEncrypted",
    "snapshotIdentifier",
    "characterSetName",
    "timezone",
    "identifier",
  ],
  [awsType("rds/parameterGroup")]: [...NAMES, "description", "family"],
  [awsType("elasticache/parameterGroup")]: ["name", "description", "family"],
  [awsType("elasticache/replicationGroup")]: [
    "atRestEncryptionEnabled",
    "dataTieringEnabled",
    "globalReplicationGroupId",
    "kmsKeyId",
    "networkType",
    "port",
    "replicationGroupId",
    "securityGroupNames",
    "snapshotArns",
    "snapshotName",
    "subnetGroupName",
  ],
  [awsType("secretsmanager/secretVersion")]: [
    "secretBinary",
    "secretId",
    "secretString",
    "secretStringWoVersion",
  ],
  [gcpType("secretmanager/secretVersion")]: ["isSecretDataBase64", "secret", "secretData"],
  [gcpType("sql/databaseInstance")]: ["region", "settings.collation", "settings.diskType"],
  "azure-native:keyvault:Key": ["keyName", "resourceGroupName", "vaultName"],
  "azure-native:keyvault:Secret": ["resourceGroupName", "secretName", "vaultName"],
  "azure-native:keyvault:Vault": ["resourceGroupName", "vaultName"],
};

/**
 * Numbers that make a new resource where they become smaller. Source: `ForceNewIfChange("settings.0.disk_size",
 * compute.IsDiskShrinkage)` of google/services/sql/resource_sql_database_instance.go, which
 * hashicorp/terraform-provider-google#9845 is about.
 */
export const shrinkReplacements: Readonly<Record<string, readonly string[]>> = {
  [gcpType("sql/databaseInstance")]: ["settings.diskSize"],
};
