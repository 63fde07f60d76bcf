import { has, is, type Row, rulesOf, some, testRules } from "./rules";
import { storesOf } from "./stores";

// Flexible Server and Managed Redis. Ids are checkov's. Where it asks nothing, FlexibleServers_X and RedisCacheEnterprise_X are
// built-in policies of Azure: https://github.com/Azure/azure-policy; Flexible Server reliability is
// https://learn.microsoft.com/azure/reliability/reliability-postgresql-flexible-server, Managed Redis security is
// https://learn.microsoft.com/azure/redis/secure-azure-managed-redis, and "three layers" is the guard of all data:
// docs/data-stores.md. What the defaults do not keep is in exemptions.ts.

const SERVER = "Server";
const SETTING = "Configuration";
const REDIS = "RedisEnterprise";
const VAULT = "Vault";
const redis = "Managed Redis security";
const every: Row[] = [
  [
    "FlexibleServers_DisablePublicNetworkAccess",
    "not public",
    SERVER,
    "network.publicNetworkAccess",
    is("Disabled"),
    "Enabled",
  ],
  [
    "FlexibleServers_EnableCMK",
    "a key of one's own",
    SERVER,
    "dataEncryption.type",
    is("AzureKeyVault"),
    "SystemManaged",
  ],
  [
    "FlexibleServers_EnableCMK",
    "that is told",
    SERVER,
    "dataEncryption.primaryKeyURI",
    some,
    undefined,
  ],
  [
    "Flexible Server reliability",
    "backups",
    SERVER,
    "backup.backupRetentionDays",
    (days) => days >= 7,
    0,
  ],
  [
    "Flexible Server reliability",
    "in two zones",
    SERVER,
    "highAvailability.mode",
    is("ZoneRedundant"),
    "SameZone",
  ],
  [redis, "not public", REDIS, "publicNetworkAccess", is("Disabled"), "Enabled"],
  [redis, "TLS 1.2", REDIS, "minimumTlsVersion", is("1.2"), "1.0"],
  [redis, "in two zones", REDIS, "highAvailability", is("Enabled"), "Disabled"],
  [
    "RedisCacheEnterprise_CMKEnabled",
    "a key of one's own",
    REDIS,
    "encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl",
    some,
    undefined,
  ],
  ["CKV_AZURE_42", "what is deleted stays", VAULT, "properties.enableSoftDelete", is(true), false],
  ["CKV_AZURE_110", "no purge", VAULT, "properties.enablePurgeProtection", is(true), false],
  [
    "CKV_AZURE_109",
    "closed but to some",
    VAULT,
    "properties.networkAcls.defaultAction",
    is("Deny"),
    "Allow",
  ],
  [
    "CKV_AZURE_189",
    "not public",
    VAULT,
    "properties.publicNetworkAccess",
    is("Disabled"),
    "Enabled",
  ],
  ["CKV_AZURE_114", "what it is", "Secret", "properties.contentType", some, undefined],
  [
    "FlexibleServers_DiagnosticSettings",
    "all logs leave it",
    "DiagnosticSetting",
    "logs.0.categoryGroup",
    is("allLogs"),
    "audit",
  ],
  [
    "FlexibleServers_LogRetentionDays",
    "logs are kept",
    "Workspace",
    "retentionInDays",
    (days) => days > 3,
    3,
  ],
  [
    "three layers",
    "nobody deletes it",
    "ManagementLockByScope",
    "level",
    is("CanNotDelete"),
    "None",
  ],
];
const database: Row[] = [
  [redis, "TLS alone", "Database", "clientProtocol", is("Encrypted"), "Plaintext"],
  [redis, "data is written down", "Database", "persistence.aofEnabled", is(true), false],
];
const endpoint = "privateLinkServiceConnections.0.groupIds";
const settings: [string, string, string, string, string][] = [
  ["FlexibleServers_EnableSSL", "TLS alone", "require-secure-transport", "on", "off"],
  ["FlexibleServers_MinTLS", "TLS 1.2", "ssl-min-protocol-version", "TLSv1.2", "TLSv1"],
  ["FlexibleServers_EnableLogConnections", "logs who comes", "log-connections", "on", "off"],
  ["FlexibleServers_EnableLogDisconnections", "logs who goes", "log-disconnections", "on", "off"],
];
testRules(
  [
    ...rulesOf(every),
    ...rulesOf(database, ["cache-database"]),
    ...rulesOf(
      [
        [
          "CKV2_AZURE_57",
          "a private endpoint",
          "PrivateEndpoint",
          endpoint,
          has("postgresqlServer"),
          [],
        ],
      ],
      ["sql-endpoint"],
    ),
    ...rulesOf(
      [
        [
          "RedisCacheEnterprise_PrivateEndpoint",
          "a private endpoint",
          "PrivateEndpoint",
          endpoint,
          has("redisEnterprise"),
          [],
        ],
      ],
      ["cache-endpoint"],
    ),
    ...settings.flatMap(([id, asks, name, value, broken]) =>
      rulesOf([[id, asks, SETTING, "value", is(value), broken]], [`sql-${name}`]),
    ),
  ],
  storesOf("AzurePostgres", "AzureRedis"),
);
