import { openStores } from "../../../policy/exceptions";
import type { RuledResource } from "../../../policy/resource";
import { closedBuckets } from "../../../policy/rules/closed-buckets";
import { closedDatabases } from "../../../policy/rules/closed-databases";

const resource = (type: string, props: object, extra: Partial<RuledResource> = {}) => ({
  ...{ type, name: "store", stack: "prod", protected: true, madeFrom: {}, usedBy: [] },
  props: props as Record<string, unknown>,
  ...extra,
});
const bucket = (...found: Parameters<typeof resource>) => closedBuckets.check(resource(...found));
const database = (...found: Parameters<typeof resource>) =>
  closedDatabases.check(resource(...found));

const S3 = "aws:s3/bucket:Bucket";
const tls = {
  ...{ Effect: "Deny", Principal: "*", Action: "s3:*" },
  Resource: ["arn:aws:s3:::store", "arn:aws:s3:::store/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const settings: Record<string, object> = {
  PublicAccessBlock: {
    ...{ blockPublicAcls: true, blockPublicPolicy: true },
    ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
  },
  ServerSideEncryptionConfiguration: {
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }],
  },
  Versioning: { versioningConfiguration: { status: "Enabled" } },
  Policy: { policy: JSON.stringify({ Statement: [tls] }) },
};
const usedBy = (all: Record<string, object>) =>
  Object.entries(all).map(([word, props]) => resource(`aws:s3/bucket${word}:Bucket${word}`, props));

describe("closed-buckets", () => {
  test("takes a bucket of S3 with all its settings, of either generation", () => {
    expect(bucket(S3, {}, { usedBy: usedBy(settings) })).toEqual([]);
    const older = usedBy(settings).map((one) => ({ ...one, type: `${one.type}V2` }));
    expect(bucket("aws:s3/bucketV2:BucketV2", {}, { usedBy: older })).toEqual([]);
  });

  test.each([
    ["PublicAccessBlock", { ...settings.PublicAccessBlock, ignorePublicAcls: false }, "block of"],
    ["ServerSideEncryptionConfiguration", { rules: [] }, "its encryption is not said"],
    ["Versioning", { versioningConfiguration: { status: "Suspended" } }, "keeps no versions"],
    ["Policy", { policy: JSON.stringify({ Statement: [{ ...tls, Effect: "Allow" }] }) }, "TLS"],
    ["Policy", { policy: "{" }, "TLS"],
  ])("refuses one whose %s is %j, or missing", (word, props, says) => {
    const others = Object.fromEntries(Object.entries(settings).filter(([key]) => key !== word));
    const missing = bucket(S3, {}, { usedBy: usedBy(others) });
    expect(missing).toEqual([expect.stringContaining(says)]);
    const weak = bucket(S3, {}, { usedBy: usedBy({ ...settings, [word]: props }) });
    expect(weak).toEqual(missing);
  });

  const narrower = { NumericLessThan: { "s3:TlsVersion": "1.2" } };
  test.each([
    [{}, 0],
    [{ Principal: { AWS: "*" } }, 0],
    [{ Action: ["*"] }, 0],
    [{ Resource: "*" }, 0],
    [{ Resource: "arn:aws:s3:::store*" }, 0],
    [{ Condition: { Bool: { "aws:SecureTransport": false } } }, 0],
    [{ Principal: { AWS: "arn:aws:iam::123456789012:role/one" } }, 1],
    [{ Action: "s3:GetObject" }, 1],
    [{ Action: ["s3:GetObject", "s3:PutObject"] }, 1],
    [{ Action: undefined, NotAction: "s3:GetObject" }, 1],
    [{ Resource: "arn:aws:s3:::store" }, 1],
    [{ Resource: "arn:aws:s3:::store/*" }, 1],
    [{ Resource: ["arn:aws:s3:::store", "arn:aws:s3:::store/folder/*"] }, 1],
    [{ Resource: "arn:aws:s3:::store/folder*" }, 1],
    [{ Condition: { ...tls.Condition, ...narrower } }, 1],
    [{ Condition: { Bool: { "aws:SecureTransport": "true" } } }, 1],
    [{ Condition: undefined }, 1],
  ])("of S3: denied without TLS but for %j is %i problems", (change, count) => {
    const policy = JSON.stringify({ Statement: [{ ...tls, ...change }] });
    const all = { ...settings, Policy: { policy } };
    expect(bucket(S3, {}, { usedBy: usedBy(all) })).toHaveLength(count);
  });

  const gcs = {
    publicAccessPrevention: "enforced",
    uniformBucketLevelAccess: true,
    versioning: { enabled: true },
  };
  test.each([
    [{}, 0],
    [{ publicAccessPrevention: "inherited" }, 1],
    [{ uniformBucketLevelAccess: false }, 1],
    [{ versioning: undefined }, 1],
  ])("of Cloud Storage: %j is %i problems", (change, count) => {
    expect(bucket("gcp:storage/bucket:Bucket", { ...gcs, ...change })).toHaveLength(count);
  });

  const account = "azure-native:storage:StorageAccount";
  const blob = {
    allowBlobPublicAccess: false,
    allowSharedKeyAccess: false,
    minimumTlsVersion: "TLS1_2",
  };
  const versions = { usedBy: [resource("azure-native:storage:B", { isVersioningEnabled: true })] };
  test.each([
    [{}, 0],
    [{ minimumTlsVersion: "TLS1_3" }, 0],
    [{ allowBlobPublicAccess: undefined }, 1],
    [{ allowSharedKeyAccess: true }, 1],
    [{ minimumTlsVersion: "TLS1_0" }, 1],
    [{ enableHttpsTrafficOnly: false }, 1],
  ])("of Blob Storage: %j is %i problems", (change, count) => {
    expect(bucket(account, { ...blob, ...change }, versions)).toHaveLength(count);
  });

  test("of Blob Storage: without versions it is one, unless it is recorded", () => {
    expect(bucket(account, blob)).toEqual(["it keeps no versions"]);
    const open = { ...blob, allowSharedKeyAccess: true };
    expect(bucket(account, open, { name: "traces-code" })).toEqual([]);
    expect(bucket(account, open, { name: "traces-code-2" })).toHaveLength(2);
    const both = bucket(account, { ...open, allowBlobPublicAccess: true }, { name: "a-code" });
    expect(both).toEqual(["allowBlobPublicAccess is not false"]);
  });

  test.each(openStores)("the exception of $type has its reason", ({ reason }) => {
    expect(reason.length).toBeGreaterThan(40);
  });

  test("asks nothing of what is no store", () => {
    expect(bucket("aws:ec2/vpc:Vpc", {})).toEqual([]);
  });
});

describe("closed-databases", () => {
  const rds = { storageEncrypted: true, backupRetentionPeriod: 7 };
  const group = (
    value: string,
    name = "rds.force_ssl",
    kind = "parameterGroup:ParameterGroup",
  ) => ({
    madeFrom: { group: [resource(`aws:rds/${kind}`, { parameters: [{ name, value }] })] },
  });
  const open = "no parameter rds.force_ssl (MySQL: require_secure_transport) is 1";
  test.each([
    [{}, "1", []],
    [{}, "0", [open]],
    [{ storageEncrypted: false }, "1", ["storageEncrypted is not true"]],
    [{ backupRetentionPeriod: 0 }, "1", ["backupRetentionPeriod is 0"]],
    [{ backupRetentionPeriod: undefined }, "1", ["backupRetentionPeriod is 0"]],
    [{ backupRetentionPeriod: 0, replicateSourceDb: "main" }, "0", []],
  ])("of RDS: %j with rds.force_ssl %s", (change, value, problems) => {
    const found = database("aws:rds/instance:Instance", { ...rds, ...change }, group(value));
    expect(found).toEqual(problems);
  });

  const aurora = "clusterParameterGroup:ClusterParameterGroup";
  test.each([
    [{}, group("1", "rds.force_ssl", aurora), []],
    [{}, group("ON", "require_secure_transport", aurora), []],
    [{}, group("OFF", "require_secure_transport", aurora), [open]],
    [{}, group("1", "log_connections", aurora), [open]],
    [{}, {}, [open]],
    [
      { storageEncrypted: undefined },
      group("1", undefined, aurora),
      ["storageEncrypted is not true"],
    ],
  ])("of Aurora: %j", (change, from, problems) => {
    const found = database("aws:rds/cluster:Cluster", { storageEncrypted: true, ...change }, from);
    expect(found).toEqual(problems);
  });

  const sql = (sslMode: string, backup: object) => ({
    settings: { backupConfiguration: backup, ipConfiguration: { sslMode } },
  });
  const kept = { enabled: true, pointInTimeRecoveryEnabled: true };
  const cloudSql = "gcp:sql/databaseInstance:DatabaseInstance";
  const cache = "aws:elasticache/replicationGroup:ReplicationGroup";
  const encrypted = { atRestEncryptionEnabled: true, transitEncryptionEnabled: true };
  const closedCache = { ...encrypted, authToken: "a" };
  const memorystore = "gcp:redis/instance:Instance";
  const setting = "azure-native:dbforpostgresql:Configuration";
  const azureRedis = "azure-native:redisenterprise:Database";
  test.each([
    [cloudSql, sql("ENCRYPTED_ONLY", kept), 0],
    [cloudSql, sql("TRUSTED_CLIENT_CERTIFICATE_REQUIRED", kept), 0],
    [cloudSql, sql("ALLOW_UNENCRYPTED_AND_ENCRYPTED", kept), 1],
    [cloudSql, sql("ENCRYPTED_ONLY", { ...kept, pointInTimeRecoveryEnabled: false }), 1],
    [cloudSql, {}, 3],
    [cache, closedCache, 0],
    [cache, { ...closedCache, transitEncryptionMode: "required" }, 0],
    [cache, { ...encrypted, userGroupIds: ["users"] }, 0],
    [cache, encrypted, 1],
    [cache, { ...closedCache, transitEncryptionMode: "preferred" }, 1],
    [cache, { ...closedCache, transitEncryptionEnabled: false }, 1],
    [cache, { ...closedCache, atRestEncryptionEnabled: false }, 1],
    [cache, {}, 3],
    [memorystore, { authEnabled: true, transitEncryptionMode: "SERVER_AUTHENTICATION" }, 0],
    [memorystore, { authEnabled: true, transitEncryptionMode: "DISABLED" }, 1],
    [memorystore, {}, 2],
    [setting, { configurationName: "require_secure_transport", value: "on" }, 0],
    [setting, { configurationName: "require_secure_transport", value: "OFF" }, 1],
    [setting, { configurationName: "log_statement", value: "off" }, 0],
    [azureRedis, { clientProtocol: "Encrypted" }, 0],
    [azureRedis, { clientProtocol: "Plaintext" }, 1],
    ["aws:ec2/vpc:Vpc", {}, 0],
  ])("of %s: %j is %i problems", (type, props, count) => {
    expect(database(type, props)).toHaveLength(count);
  });

  test("a password that is not known yet is one: the preview judges the rest", () => {
    const props = {
      ...{ ...encrypted, transitEncryptionMode: "preferred" },
      get authToken(): string {
        throw new Error("not known before the update");
      },
    };
    const found = closedDatabases.check({ ...resource(cache, {}), props });
    expect(found).toEqual(["transitEncryptionMode lets clients in without TLS"]);
  });
});
