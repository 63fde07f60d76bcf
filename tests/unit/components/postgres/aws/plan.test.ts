import type { AwsPostgresArgs } from "../../../../../components/postgres/aws/args";
import { planAwsPostgres } from "../../../../../components/postgres/aws/plan";
import { faultsOf, networks, planOf, TODAY } from "../../data-store/managed/plans";

const least: AwsPostgresArgs = {
  allowedCidrs: ["10.0.0.0/20"],
  network: networks.aws,
  version: "17",
};
const plan = (args: Partial<AwsPostgresArgs> = {}, name = "db") =>
  planAwsPostgres(name, { ...least, ...args }, TODAY);

test("fills every default in", () => {
  expect(planOf(plan())).toEqual({
    name: "db",
    instanceName: "db",
    allowedCidrs: ["10.0.0.0/20"],
    allowedSecurityGroupIds: [],
    allowMajorUpgrade: false,
    backupRetentionDays: 7,
    backupWindow: "07:00-08:00",
    caCertificate: undefined,
    consumers: [],
    database: "app",
    deletionProtection: true,
    encryptionKey: undefined,
    highAvailability: true,
    logGroups: {
      log: "/aws/rds/instance/db/postgresql",
      "upgrade-log": "/aws/rds/instance/db/upgrade",
    },
    logRetentionDays: 90,
    maintenanceWindow: "sun:03:00-sun:04:00",
    major: "17",
    maxStorageGib: 500,
    minorUpgrades: true,
    networkCidrs: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
    parameters: {
      "rds.force_ssl": "1",
      ssl_min_protocol_version: "TLSv1.2",
      log_connections: "1",
      log_disconnections: "1",
      log_lock_waits: "1",
      log_min_duration_statement: "1000",
    },
    size: "db.m7g.large",
    storageGib: 100,
    subnetIds: networks.aws.privateSubnetIds,
    tags: {},
    username: "app",
    version: "17",
    vpcId: "vpc-00000001",
    warnings: [],
  });
});

test("a minor version is pinned: RDS then installs none", () => {
  expect(planOf(plan({ version: "17.6" }))).toMatchObject({
    major: "17",
    minorUpgrades: false,
    version: "17.6",
  });
});

test.each<[Partial<AwsPostgresArgs>, string[]]>([
  [
    { network: { ...networks.aws, privateSubnetIds: ["subnet-0000000a"] } },
    [
      "network.privateSubnetIds: one zone, and a second copy needs another, got 1, allowed at least two subnets, in different zones",
    ],
  ],
  [
    { allowedCidrs: [] },
    [
      "allowedCidrs: names no client, so nobody could reach the store; try the range that pods or their nodes call from",
    ],
  ],
  [{ allowedCidrs: [], allowedSecurityGroupIds: ["sg-0000000a"] }, []],
  [
    { allowedSecurityGroupIds: ["nodes"] },
    ['allowedSecurityGroupIds[0]: not the id of a security group, got "nodes", allowed sg-...'],
  ],
  [
    { backupRetentionDays: 0 },
    ["backupRetentionDays: out of range, got 0, allowed whole numbers 7 to 35"],
  ],
  [
    { consumers: [{ name: "gateway", namespace: "n" }] },
    [
      "caCertificate: missing: consumers cannot tell the server from another without it; try the bundle of https://truststore.pki.rds.amazonaws.com/",
    ],
  ],
  [
    { caCertificate: "-----BEGIN RSA PRIVATE KEY-----" },
    ["caCertificate: not a certificate in PEM, allowed -----BEGIN CERTIFICATE----- ..."],
  ],
  [
    { encryptionKey: "alias/mine" },
    [
      'encryptionKey: not the ARN of a KMS key, got "alias/mine", allowed arn:aws:kms:REGION:ACCOUNT:key/...',
    ],
  ],
  [
    { parameters: { "rds.force_ssl": "0" } },
    ['parameters.rds.force_ssl: TLS is always forced, got "0"; try to leave it out'],
  ],
  [
    { parameters: { "a b": "0" } },
    ['parameters.a b: not the name of a parameter, got "a b", allowed a-z, 0-9, _ and .'],
  ],
  [{ size: "large" }, ['size: not a size of AWS, got "large", allowed as in db.m7g.large']],
  [
    { size: "cache.m7g.large" },
    ['size: not a size of AWS, got "cache.m7g.large", allowed as in db.m7g.large'],
  ],
  [
    { size: "db.t4g.micro" },
    [
      'size: too small: half of its memory is the machine\'s own, got "db.t4g.micro", allowed small or larger; try db.t4g.small',
    ],
  ],
  [{ storageGib: 10 }, ["storageGib: out of range, got 10, allowed whole numbers 20 to 65536"]],
  [
    { storageGib: 100, maxStorageGib: 100 },
    ["maxStorageGib: leaves the storage no room to grow, got 100, allowed at least 110"],
  ],
  [
    { subnetIds: ["subnet-0000000a"] },
    [
      "subnetIds: one zone, and a second copy needs another, got 1, allowed at least two subnets, in different zones",
    ],
  ],
  [
    { subnetIds: ["subnet-0000000a"], highAvailability: false },
    [
      "subnetIds: AWS takes subnets of at least two zones, also for one copy, got 1, allowed at least two subnets, in different zones",
    ],
  ],
  [
    { subnetIds: ["subnet-0000000a", "subnet-0000000a"] },
    ['subnetIds: given twice, got "subnet-0000000a"'],
  ],
  [
    { tags: { "aws:mine": "1" } },
    ['tags.aws:mine: a prefix that AWS keeps for itself, got "aws:mine"'],
  ],
  [{ version: "12" }, [expect.stringMatching(/^version: RDS was not known to run it/)]],
  [{ version: "13", extendedSupport: true }, []],
  [
    { logRetentionDays: 10 },
    [expect.stringMatching(/^logRetentionDays: not a time CloudWatch knows, got 10/)],
  ],
])("finds in %j", (args, expected) => {
  expect(faultsOf(plan(args))).toEqual(expected);
});

test("tells of every fault at once", () => {
  const faults = faultsOf(
    plan({ database: "postgres", size: "x", storageGib: 1, version: "x" }, "My--db"),
  );
  expect(faults.map((line) => line.split(":")[0])).toEqual([
    "name",
    "database",
    "size",
    "version",
    "storageGib",
  ]);
});
