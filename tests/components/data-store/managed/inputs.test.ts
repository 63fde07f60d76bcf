import { find, reveal } from "../../../support/deploy";
import { networks, PASSWORD, runStore, type StoreClass } from "./stores";

const AWS_KEY = "arn:aws:kms:eu-central-1:123456789012:key/db-key";

/** What must hold of what holds the data, whatever else is said: the rows of a baseline. */
const rows: [StoreClass, string, object][] = [
  [
    "AwsPostgres",
    "aws:rds/instance:Instance",
    {
      allocatedStorage: 100,
      allowMajorVersionUpgrade: false,
      autoMinorVersionUpgrade: true,
      backupRetentionPeriod: 7,
      backupWindow: "07:00-08:00",
      copyTagsToSnapshot: true,
      dbName: "app",
      deleteAutomatedBackups: false,
      deletionProtection: true,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      engine: "postgres",
      engineVersion: "17",
      finalSnapshotIdentifier: "db-final",
      iamDatabaseAuthenticationEnabled: true,
      identifier: "db",
      instanceClass: "db.m7g.large",
      kmsKeyId: AWS_KEY,
      maintenanceWindow: "sun:03:00-sun:04:00",
      maxAllocatedStorage: 500,
      multiAz: true,
      password: PASSWORD,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: AWS_KEY,
      port: 5432,
      publiclyAccessible: false,
      skipFinalSnapshot: false,
      storageEncrypted: true,
      storageType: "gp3",
      username: "app",
      vpcSecurityGroupIds: ["db-clients-id"],
    },
  ],
  [
    "AwsRedis",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    {
      atRestEncryptionEnabled: true,
      authToken: PASSWORD,
      autoMinorVersionUpgrade: true,
      automaticFailoverEnabled: true,
      engine: "valkey",
      engineVersion: "8.1",
      finalSnapshotIdentifier: "db-final",
      kmsKeyId: AWS_KEY,
      multiAzEnabled: true,
      nodeType: "cache.m7g.large",
      numCacheClusters: 2,
      port: 6379,
      replicationGroupId: "db",
      securityGroupIds: ["db-clients-id"],
      snapshotRetentionLimit: 7,
      snapshotWindow: "07:00-08:00",
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
    },
  ],
  [
    "GcpPostgres",
    "gcp:sql/databaseInstance:DatabaseInstance",
    {
      databaseVersion: "POSTGRES_17",
      deletionProtection: true,
      encryptionKeyName: "db-data-id",
      region: "europe-west1",
      settings: {
        availabilityType: "REGIONAL",
        backupConfiguration: {
          enabled: true,
          pointInTimeRecoveryEnabled: true,
          startTime: "07:00",
          transactionLogRetentionDays: 7,
          backupRetentionSettings: { retainedBackups: 8, retentionUnit: "COUNT" },
        },
        deletionProtectionEnabled: true,
        diskAutoresize: true,
        diskAutoresizeLimit: 500,
        edition: "ENTERPRISE_PLUS",
        finalBackupConfig: { enabled: true, retentionDays: 30 },
        insightsConfig: { queryInsightsEnabled: true },
        ipConfiguration: {
          ipv4Enabled: false,
          pscConfigs: [{ pscEnabled: true, allowedConsumerProjects: ["p"] }],
          serverCaMode: "GOOGLE_MANAGED_CAS_CA",
          sslMode: "ENCRYPTED_ONLY",
        },
        maintenanceWindow: { day: 7, hour: 3, updateTrack: "stable" },
        retainBackupsOnDelete: true,
        tier: "db-perf-optimized-N-2",
      },
    },
  ],
  [
    "GcpRedis",
    "gcp:redis/instance:Instance",
    {
      authEnabled: true,
      authorizedNetwork: networks.gcp.networkId,
      connectMode: "DIRECT_PEERING",
      customerManagedKey: "db-data-id",
      deletionProtection: true,
      memorySizeGb: 5,
      persistenceConfig: { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" },
      redisConfigs: { "maxmemory-policy": "noeviction" },
      redisVersion: "REDIS_7_2",
      tier: "STANDARD_HA",
      transitEncryptionMode: "SERVER_AUTHENTICATION",
    },
  ],
  [
    "AzurePostgres",
    "azure-native:dbforpostgresql:Server",
    {
      administratorLogin: "app",
      administratorLoginPassword: PASSWORD,
      authConfig: { activeDirectoryAuth: "Disabled", passwordAuth: "Enabled" },
      backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
      dataEncryption: {
        primaryKeyURI: `https://v.vault.azure.net/keys/data/${"0".repeat(32)}`,
        primaryUserAssignedIdentityId: "db-identity-id",
        type: "AzureKeyVault",
      },
      highAvailability: { mode: "ZoneRedundant" },
      identity: { type: "UserAssigned", userAssignedIdentities: { "db-identity-id": {} } },
      maintenanceWindow: { customWindow: "Enabled", dayOfWeek: 0, startHour: 3, startMinute: 0 },
      network: { publicNetworkAccess: "Disabled" },
      serverName: "db-0a1b2c3d",
      sku: { name: "Standard_D2ds_v5", tier: "GeneralPurpose" },
      storage: { autoGrow: "Enabled", storageSizeGB: 128 },
      version: "17",
    },
  ],
  [
    "AzureRedis",
    "azure-native:redisenterprise:RedisEnterprise",
    {
      clusterName: "db-0a1b2c3d",
      encryption: {
        customerManagedKeyEncryption: {
          keyEncryptionKeyIdentity: {
            identityType: "userAssignedIdentity",
            userAssignedIdentityResourceId: "db-identity-id",
          },
          keyEncryptionKeyUrl: `https://v.vault.azure.net/keys/data/${"0".repeat(32)}`,
        },
      },
      highAvailability: "Enabled",
      minimumTlsVersion: "1.2",
      publicNetworkAccess: "Disabled",
      sku: { name: "Balanced_B5" },
    },
  ],
];

test.each(rows)("%s: private, encrypted, in two zones, kept", async (kind, type, expected) => {
  expect(reveal(find(await runStore(kind), type, "db").inputs)).toMatchObject(expected);
});

const parameters = (inputs: any): Record<string, string> =>
  Object.fromEntries(
    (inputs.parameters ?? inputs.settings.databaseFlags).map(({ name, value }: any) => [
      name,
      value,
    ]),
  );

test("TLS is forced by the server itself", async () => {
  const aws = find(
    await runStore("AwsPostgres"),
    "aws:rds/parameterGroup:ParameterGroup",
    "db-parameters",
  );
  expect(aws.inputs).toMatchObject({ name: "db-pg17", family: "postgres17" });
  expect(parameters(aws.inputs)).toMatchObject({
    "rds.force_ssl": "1",
    ssl_min_protocol_version: "TLSv1.2",
  });
  const azure = await runStore("AzurePostgres");
  const configuration = "azure-native:dbforpostgresql:Configuration";
  expect(find(azure, configuration, "db-require-secure-transport").inputs.value).toBe("on");
  const redis = await runStore("AzureRedis");
  expect(find(redis, "azure-native:redisenterprise:Database", "db-database").inputs).toMatchObject({
    accessKeysAuthentication: "Enabled",
    clientProtocol: "Encrypted",
    persistence: { aofEnabled: true, aofFrequency: "1s" },
    port: 10_000,
  });
});

test("parameters of one's own come beside those that are set", async () => {
  const args = { parameters: { work_mem: "8192", log_lock_waits: "0" } };
  const aws = find(
    await runStore("AwsPostgres", args),
    "aws:rds/parameterGroup:ParameterGroup",
    "db-parameters",
  );
  expect(parameters(aws.inputs)).toMatchObject({
    work_mem: "8192",
    log_lock_waits: "0",
    log_connections: "1",
  });
  const gcp = find(
    await runStore("GcpPostgres", args),
    "gcp:sql/databaseInstance:DatabaseInstance",
    "db",
  );
  expect(parameters(gcp.inputs)).toMatchObject({ work_mem: "8192", log_connections: "on" });
});

test("on AWS the clients alone are let in, by range and by group, and the store calls nobody", async () => {
  const done = await runStore("AwsPostgres", { allowedSecurityGroupIds: ["sg-0000000a"] });
  const group = find(done, "aws:ec2/securityGroup:SecurityGroup", "db-clients").inputs;
  const way = { protocol: "tcp", fromPort: 5432, toPort: 5432 };
  expect(group).toMatchObject({ egress: [], vpcId: networks.aws.vpcId });
  expect(group.ingress).toEqual([
    { ...way, cidrBlocks: ["10.0.0.0/20"], description: "Clients in 10.0.0.0/20" },
    { ...way, securityGroups: ["sg-0000000a"], description: "Clients of a security group" },
  ]);
});

test.each([
  ["GcpPostgres", "10.0.0.9/32", "5432"],
  ["GcpRedis", "10.9.0.4/32", "6378"],
] as const)("on Google Cloud the clients alone reach %s", async (kind, destination, port) => {
  const done = await runStore(kind);
  const rule = (name: string) => find(done, "gcp:compute/firewall:Firewall", name).inputs;
  const shared = { direction: "EGRESS", destinationRanges: [destination] };
  expect(rule("db-clients")).toMatchObject({
    ...shared,
    allows: [{ protocol: "tcp", ports: [port] }],
    sourceRanges: ["10.0.0.0/20"],
  });
  expect(rule("db-others")).toMatchObject({ ...shared, denies: [{ protocol: "all" }] });
  expect(rule("db-others").sourceRanges).toBeUndefined();
  expect(rule("db-clients").priority).toBeLessThan(rule("db-others").priority);
});

test.each([
  ["AzurePostgres", "5432", "postgresqlServer", "privatelink.postgres.database.azure.com"],
  ["AzureRedis", "10000", "redisEnterprise", "privatelink.redis.azure.net"],
] as const)("on Azure the clients alone reach %s", async (kind, port, group, zone) => {
  const done = await runStore(kind);
  const inputs = (type: string, name: string) => find(done, `azure-native:${type}`, name).inputs;
  const [clients, others] = inputs("network:NetworkSecurityGroup", "db-clients").securityRules;
  expect(clients).toMatchObject({
    access: "Allow",
    destinationPortRange: port,
    sourceAddressPrefixes: ["10.0.0.0/20"],
  });
  expect(others).toMatchObject({
    access: "Deny",
    destinationPortRange: "*",
    sourceAddressPrefix: "*",
  });
  expect(clients.priority).toBeLessThan(others.priority);
  expect(inputs("network:Subnet", "db-subnet")).toMatchObject({
    addressPrefix: "10.0.240.0/28",
    networkSecurityGroup: { id: "db-clients-id" },
    privateEndpointNetworkPolicies: "Enabled",
    virtualNetworkName: "net",
  });
  expect(inputs("privatedns:PrivateZone", "db-zone").privateZoneName).toBe(zone);
  const [connection] = inputs(
    "network:PrivateEndpoint",
    "db-endpoint",
  ).privateLinkServiceConnections;
  expect(connection).toMatchObject({ groupIds: [group], privateLinkServiceId: "db-id" });
});

test("on Azure a subnet and a zone that are there are used", async () => {
  const network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
  const subnetId = `${network}/virtualNetworks/net/subnets/stores`;
  const privateDnsZoneId = `${network}/privateDnsZones/privatelink.postgres.database.azure.com`;
  const args = { allowedCidrs: [], privateDnsZoneId, subnetCidr: undefined, subnetId };
  const done = await runStore("AzurePostgres", args);
  const types = done.resources.map(({ type }) => type);
  expect(
    types.filter((type) => /Subnet|SecurityGroup|PrivateZone|VirtualNetworkLink/.test(type)),
  ).toEqual([]);
  const endpoint = find(done, "azure-native:network:PrivateEndpoint", "db-endpoint");
  expect(endpoint.inputs.subnet).toMatchObject({ id: subnetId });
  expect(done.outputs.get("db")?.privateDnsZoneId).toBe(privateDnsZoneId);
});

test("the vault is Azure's own services' alone, and what it held can be had back", async () => {
  const vault = find(await runStore("AzureRedis"), "azure-native:keyvault:Vault", "db-vault");
  expect(vault.inputs).toMatchObject({
    vaultName: "db-0a1b2c3d",
    properties: {
      enablePurgeProtection: true,
      enableRbacAuthorization: true,
      networkAcls: { bypass: "AzureServices", defaultAction: "Deny" },
      publicNetworkAccess: "Disabled",
      softDeleteRetentionInDays: 90,
      tenantId: "the-tenant",
    },
  });
});

test("the key of AWS is for the account and, by their names, for the store's logs", async () => {
  const done = await runStore("AwsPostgres");
  const { policy } = find(done, "aws:kms/keyPolicy:KeyPolicy", "db-key").inputs;
  const [account, logs] = JSON.parse(policy).Statement;
  expect(account.Principal).toEqual({ AWS: "arn:aws:iam::123456789012:root" });
  expect(logs.Principal).toEqual({ Service: "logs.eu-central-1.amazonaws.com" });
  expect(logs.Condition.ArnEquals["kms:EncryptionContext:aws:logs:arn"]).toEqual([
    "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/rds/instance/db/postgresql",
    "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/rds/instance/db/upgrade",
  ]);
});

test("without the guard nothing stays: no snapshot, no backup, no lock, no wait for names", async () => {
  const args = { deletionProtection: false };
  const aws = await runStore("AwsPostgres", args);
  expect(find(aws, "aws:rds/instance:Instance", "db").inputs).toMatchObject({
    deleteAutomatedBackups: true,
    deletionProtection: false,
    skipFinalSnapshot: true,
  });
  const secret = find(aws, "aws:secretsmanager/secret:Secret", "db-credentials");
  expect(secret.inputs.recoveryWindowInDays).toBe(0);
  const gcp = find(
    await runStore("GcpPostgres", args),
    "gcp:sql/databaseInstance:DatabaseInstance",
    "db",
  );
  expect(gcp.inputs).toMatchObject({
    deletionProtection: false,
    settings: { deletionProtectionEnabled: false, finalBackupConfig: { enabled: false } },
  });
  const azure = await runStore("AzurePostgres", args);
  expect(azure.resources.filter(({ name }) => name === "db-lock")).toEqual([]);
});
