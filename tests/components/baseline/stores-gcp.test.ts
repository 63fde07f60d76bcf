import { flag, is, type Row, rulesOf, some, testRules, withoutFlag } from "./rules";
import { storesOf } from "./stores";

// Cloud SQL and Memorystore. Ids are checkov's. Where it asks nothing, "CIS Google" is CIS's benchmark 3.0 of Google Cloud; best
// practices are https://cloud.google.com/sql/docs/postgres/best-practices and
// https://cloud.google.com/memorystore/docs/redis/general-best-practices, and CMEK is https://cloud.google.com/sql/docs/postgres/cmek
// and https://cloud.google.com/memorystore/docs/redis/cmek; "three layers" is the guard of all data: docs/data-stores.md. What
// the defaults do not keep is in exemptions.ts.

const SQL = "DatabaseInstance";
const REDIS = "Instance";
const backups = "settings.backupConfiguration";
const access = "settings.ipConfiguration";
const flags = "settings.databaseFlags";
testRules(
  rulesOf([
    ["CKV_GCP_60", "no public address", SQL, `${access}.ipv4Enabled`, is(false), true],
    [
      "CKV_GCP_11",
      "no range of the internet",
      SQL,
      `${access}.authorizedNetworks`,
      (list) => !JSON.stringify(list ?? []).includes("0.0.0.0/0"),
      [{ value: "0.0.0.0/0" }],
    ],
    [
      "CIS Google 6.4",
      "TLS alone",
      SQL,
      `${access}.sslMode`,
      is("ENCRYPTED_ONLY"),
      "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
    ],
    ["CKV_GCP_14", "backups", SQL, `${backups}.enabled`, is(true), false],
    [
      "Cloud SQL best practices",
      "back to any second",
      SQL,
      `${backups}.pointInTimeRecoveryEnabled`,
      is(true),
      false,
    ],
    [
      "Cloud SQL best practices",
      "in two zones",
      SQL,
      "settings.availabilityType",
      is("REGIONAL"),
      "ZONAL",
    ],
    [
      "three layers",
      "deletion protection",
      SQL,
      "settings.deletionProtectionEnabled",
      is(true),
      false,
    ],
    [
      "Cloud SQL best practices",
      "it grows by itself",
      SQL,
      "settings.diskAutoresize",
      is(true),
      false,
    ],
    ["Cloud SQL CMEK", "a key of one's own", SQL, "encryptionKeyName", some, undefined],
    ["CKV_GCP_52", "logs who comes", SQL, flags, flag("log_connections", "on"), []],
    ["CKV_GCP_53", "logs who goes", SQL, flags, flag("log_disconnections", "on"), []],
    ["CKV_GCP_54", "logs who waits", SQL, flags, flag("log_lock_waits", "on"), []],
    [
      "CKV_GCP_55",
      "a valid level of messages",
      SQL,
      flags,
      withoutFlag("log_min_messages"),
      [{ name: "log_min_messages", value: "none" }],
    ],
    [
      "CKV_GCP_56",
      "no bound to temporary files",
      SQL,
      flags,
      withoutFlag("log_temp_files"),
      [{ name: "log_temp_files", value: "1024" }],
    ],
    ...["executor", "parser", "planner", "statement"].map((word, index): Row => {
      const name = `log_${word}_stats`;
      const id = `CKV2_GCP_${String(14 + index)}`;
      return [id, "no statistics", SQL, flags, withoutFlag(name), [{ name, value: "on" }]];
    }),
    ["CKV_GCP_95", "a password", REDIS, "authEnabled", is(true), false],
    ["CKV_GCP_97", "TLS", REDIS, "transitEncryptionMode", is("SERVER_AUTHENTICATION"), "DISABLED"],
    ["Memorystore CMEK", "a key of one's own", REDIS, "customerManagedKey", some, undefined],
    ["Memorystore best practices", "in two zones", REDIS, "tier", is("STANDARD_HA"), "BASIC"],
    [
      "Memorystore best practices",
      "snapshots",
      REDIS,
      "persistenceConfig.persistenceMode",
      is("RDB"),
      "DISABLED",
    ],
    ["three layers", "deletion protection", REDIS, "deletionProtection", is(true), false],
    [
      "CKV_GCP_43",
      "keys rotate within 90 days",
      "CryptoKey",
      "rotationPeriod",
      (text) => Number.parseInt(String(text), 10) <= 90 * 86_400,
      "31536000s",
    ],
  ]),
  storesOf("GcpPostgres", "GcpRedis"),
);
