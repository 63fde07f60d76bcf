import { flag, has, is, type Row, rulesOf, some, testRules } from "./rules";
import { storesOf } from "./stores";

// RDS and ElastiCache. Ids are checkov's. Where it asks nothing, ElastiCache.N is Security Hub's:
// https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html; the ElastiCache lens is in its guide, RDS
// encryption is https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html, and "three layers" is the
// guard of all data: docs/data-stores.md. What the defaults do not keep is in exemptions.ts.

const key = (arn: unknown) => String(arn).startsWith("arn:aws:kms:");
const RDS = "Instance";
const GROUP = "ReplicationGroup";
const FIREWALL = "SecurityGroup";
const every: Row[] = [
  ["CKV_AWS_16", "encrypted at rest", RDS, "storageEncrypted", is(true), false],
  ["RDS encryption", "by a key of one's own", RDS, "kmsKeyId", key, undefined],
  ["CKV_AWS_17", "not public", RDS, "publiclyAccessible", is(false), true],
  ["CKV_AWS_129", "logs leave it", RDS, "enabledCloudwatchLogsExports", has("postgresql"), []],
  ["CKV_AWS_133", "backups", RDS, "backupRetentionPeriod", (days) => days >= 7, 0],
  ["CKV_AWS_157", "in two zones", RDS, "multiAz", is(true), false],
  ["CKV_AWS_161", "IAM", RDS, "iamDatabaseAuthenticationEnabled", is(true), false],
  [
    "CKV_AWS_211",
    "a modern authority",
    RDS,
    "caCertIdentifier",
    is("rds-ca-rsa2048-g1"),
    "rds-ca-2019",
  ],
  ["CKV_AWS_226", "minor versions", RDS, "autoMinorVersionUpgrade", is(true), false],
  ["CKV_AWS_293", "deletion protection", RDS, "deletionProtection", is(true), false],
  ["CKV_AWS_353", "what queries cost", RDS, "performanceInsightsEnabled", is(true), false],
  [
    "CKV_AWS_354",
    "encrypted by a key of one's own",
    RDS,
    "performanceInsightsKmsKeyId",
    key,
    undefined,
  ],
  ["CKV2_AWS_60", "snapshots are tagged", RDS, "copyTagsToSnapshot", is(true), false],
  ["three layers", "a last snapshot", RDS, "skipFinalSnapshot", is(false), true],
  ["three layers", "backups stay", RDS, "deleteAutomatedBackups", is(false), true],
  ["CKV_AWS_29", "encrypted at rest", GROUP, "atRestEncryptionEnabled", is(true), false],
  ["CKV_AWS_191", "by a key of one's own", GROUP, "kmsKeyId", key, undefined],
  ["CKV_AWS_30", "TLS", GROUP, "transitEncryptionEnabled", is(true), false],
  ["ElastiCache.5", "TLS alone", GROUP, "transitEncryptionMode", is("required"), "preferred"],
  ["CKV_AWS_31", "a password", GROUP, "authToken", some, undefined],
  ["CKV2_AWS_50", "another takes over", GROUP, "automaticFailoverEnabled", is(true), false],
  ["ElastiCache lens", "in two zones", GROUP, "multiAzEnabled", is(true), false],
  ["ElastiCache.1", "backups", GROUP, "snapshotRetentionLimit", (days) => days >= 1, 0],
  ["ElastiCache.2", "minor versions", GROUP, "autoMinorVersionUpgrade", is(true), false],
  ["ElastiCache.7", "subnets of one's own", GROUP, "subnetGroupName", some, undefined],
  ["CKV_AWS_149", "secrets by a key of one's own", "Secret", "kmsKeyId", key, undefined],
  ["CKV_AWS_158", "logs by a key of one's own", "LogGroup", "kmsKeyId", key, undefined],
  ["CKV_AWS_66", "logs are kept", "LogGroup", "retentionInDays", (days) => days >= 90, 0],
  ["CKV_AWS_7", "keys rotate", "Key", "enableKeyRotation", is(true), false],
  [
    "CKV2_AWS_64",
    "keys have their policy",
    "KeyPolicy",
    "policy",
    (text) => !String(text).includes('"Principal":"*"'),
    '{"Statement":[{"Principal":"*"}]}',
  ],
  [
    "CKV_AWS_23",
    "rules say what they are for",
    FIREWALL,
    "ingress",
    (rules) => rules.length > 0 && rules.every(({ description }: any) => description !== ""),
    [{ description: "" }],
  ],
  [
    "CKV_AWS_260",
    "from nowhere but its clients",
    FIREWALL,
    "ingress",
    (rules) => !JSON.stringify(rules).includes("0.0.0.0/0"),
    [{ cidrBlocks: ["0.0.0.0/0"] }],
  ],
  ["CKV_AWS_382", "nowhere to", FIREWALL, "egress", (rules) => rules.length === 0, [{}]],
];
const parameters: Row[] = [
  [
    "CKV2_AWS_69",
    "TLS alone",
    "ParameterGroup",
    "parameters",
    flag("rds.force_ssl", "1"),
    [{ name: "rds.force_ssl", value: "0" }],
  ],
  [
    "CKV2_AWS_30",
    "slow queries are logged",
    "ParameterGroup",
    "parameters",
    flag("log_min_duration_statement", "1000"),
    [],
  ],
];
testRules(
  [...rulesOf(every), ...rulesOf(parameters, ["sql-parameters"])],
  storesOf("AwsPostgres", "AwsRedis"),
);
