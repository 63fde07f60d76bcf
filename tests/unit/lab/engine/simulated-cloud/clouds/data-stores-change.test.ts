import { cloudClient, type Kept } from "./cloud-client";

type Client = ReturnType<typeof cloudClient>;

const AWS = {
  secret: "aws:secretsmanager/secret:Secret",
  version: "aws:secretsmanager/secretVersion:SecretVersion",
  parameters: "aws:rds/parameterGroup:ParameterGroup",
  instance: "aws:rds/instance:Instance",
  cacheParameters: "aws:elasticache/parameterGroup:ParameterGroup",
  cache: "aws:elasticache/replicationGroup:ReplicationGroup",
} as const;

const GCP = {
  secret: "gcp:secretmanager/secret:Secret",
  version: "gcp:secretmanager/secretVersion:SecretVersion",
  instance: "gcp:sql/databaseInstance:DatabaseInstance",
} as const;

const AZURE = {
  group: "azure-native:resources:ResourceGroup",
  vault: "azure-native:keyvault:Vault",
  server: "azure-native:dbforpostgresql:Server",
  parameter: "azure-native:dbforpostgresql:Configuration",
  lock: "azure-native:authorization:ManagementLockByScope",
} as const;

describe("a changed secret is a new version of it", () => {
  test("on AWS", async () => {
    const client = cloudClient();
    const secretId = (await client.make(AWS.secret, "s", { name: "s" })).id;
    const version = await client.make(AWS.version, "v", { secretId, secretString: "old" });
    const change = client.diff(version, { secretId, secretString: "new" });
    expect(change).toMatchObject({ replaces: ["secretString"], deletesFirst: false });
  });

  test("on Google Cloud, with the next number", async () => {
    const client = cloudClient();
    const secret = await client.make(GCP.secret, "s", {
      secretId: "s",
      replication: { auto: {} },
    });
    const make = (secretData: string) =>
      client.make(GCP.version, "v", { secret: secret.id, secretData });
    const first = await make("old");
    const change = client.diff(first, { secret: secret.id, secretData: "new" });
    expect(change).toMatchObject({ replaces: ["secretData"], deletesFirst: false });
    expect((await make("new")).id).toBe("projects/lab-project/secrets/s/versions/2");
  });
});

describe("a secret goes with its versions", () => {
  test("of AWS, which keeps its name for the days of its recovery", async () => {
    const client = cloudClient();
    const made = async (recoveryWindowInDays: number) => {
      const secret = await client.make(AWS.secret, "s", { name: "s", recoveryWindowInDays });
      await client.make(AWS.version, "v", { secretId: secret.id, secretString: "value" });
      return secret;
    };
    await client.remove(await made(0));
    await client.remove(await made(7));
    expect(client.clouds.world.all()).toEqual([]);
    await expect(made(0)).rejects.toThrow("already scheduled for deletion");
  });

  test("of Google Cloud", async () => {
    const client = cloudClient();
    const inputs = { secretId: "s", replication: { auto: {} } };
    const secret = await client.make(GCP.secret, "s", inputs);
    await client.make(GCP.version, "v", { secret: secret.id, secretData: "value" });
    await client.remove(secret);
    expect(client.clouds.world.all()).toEqual([]);
  });
});

/** What runs with parameters, and how a change to the next major version is asked for. */
async function withParameters(
  client: Client,
  [groupType, type]: readonly [string, string],
  identity: object,
) {
  const group = (name: string, family: string) => client.make(groupType, name, { name, family });
  const before = await group("old", "family1");
  const after = await group("new", "family2");
  const inputs = { ...identity, engineVersion: "17", parameterGroupName: before.id };
  const made = await client.make(type, "db", inputs);
  const wanted = { ...inputs, engineVersion: "18", parameterGroupName: after.id };
  return { before, made, wanted };
}

describe.each([
  [
    "RDS",
    [AWS.parameters, AWS.instance] as const,
    { identifier: "db", instanceClass: "c", allowMajorVersionUpgrade: true },
    /InvalidDBParameterGroupState: One or more database instances are still members/,
  ],
  [
    "ElastiCache",
    [AWS.cacheParameters, AWS.cache] as const,
    { replicationGroupId: "db", description: "d" },
    /InvalidCacheParameterGroupState: One or more cache clusters are still members/,
  ],
])("%s: parameters", (_, types, identity, words) => {
  test("another family is another group", async () => {
    const client = cloudClient();
    const { before } = await withParameters(client, types, identity);
    const { replaces } = client.diff(before, { name: "new", family: "family2" });
    expect(replaces.sort()).toEqual(["family", "name"]);
  });

  test("what waits for the window goes on with the old ones", async () => {
    const client = cloudClient();
    const { before, made, wanted } = await withParameters(client, types, identity);
    await expect(client.remove(before)).rejects.toThrow(words);
    const waiting = await client.change(made, wanted);
    expect(waiting.state).toMatchObject({ engineVersion: "17", parameterGroupName: "old" });
    await expect(client.remove(before)).rejects.toThrow(words);
    const done = await client.change(waiting, { ...wanted, applyImmediately: true });
    expect(done.state).toMatchObject({ engineVersion: "18", parameterGroupName: "new" });
    await client.remove(before);
  });
});

test("RDS refuses a major version that is not asked for as one", async () => {
  const client = cloudClient();
  const identity = { identifier: "db", instanceClass: "c" };
  const types = [AWS.parameters, AWS.instance] as const;
  const { made, wanted } = await withParameters(client, types, identity);
  await expect(client.change(made, wanted)).rejects.toThrow("AllowMajorVersionUpgrade flag");
  await client.change(made, { ...wanted, engineVersion: "17.6" });
});

const sql = (diskSize: number, more: object = {}) => ({
  databaseVersion: "POSTGRES_17",
  settings: { tier: "t", diskSize, ...more },
});

/** Lets the storage grow as the cloud does: behind the engine's back. */
function grow({ clouds }: Client, type: string, settings: object): void {
  const [object] = clouds.world.all(type);
  if (!object) throw new Error(`no ${type}`);
  clouds.world.put({ ...object, inputs: { ...object.inputs, ...settings } });
}

describe("storage never shrinks", () => {
  test("of Cloud SQL: the provider makes another instance, the service refuses", async () => {
    const client = cloudClient();
    const instance = await client.make(GCP.instance, "db", sql(100));
    expect(client.diff(instance, sql(200)).replaces).toEqual([]);
    expect(client.diff(instance, sql(50)).replaces).toEqual(["settings"]);
    grow(client, GCP.instance, sql(110));
    const change = client.change(instance, sql(100, { edition: "ENTERPRISE" }));
    await expect(change).rejects.toThrow("cannot be reduced");
    await client.change(instance, sql(110, { edition: "ENTERPRISE" }));
  });

  test("of a Flexible Server: the service refuses", async () => {
    const client = cloudClient();
    await client.make(AZURE.group, "g", { resourceGroupName: "g" });
    const server = (storageSizeGB: number) => ({
      resourceGroupName: "g",
      serverName: "db",
      storage: { storageSizeGB },
    });
    const made = await client.make(AZURE.server, "db", server(128));
    expect(client.diff(made, server(64)).replaces).toEqual([]);
    grow(client, AZURE.server, server(256));
    await expect(client.change(made, server(128))).rejects.toThrow(
      "Requested data Disk size '131072' cannot be less than current size '262144'.",
    );
    await client.change(made, server(512));
  });
});

test("a lock on a Flexible Server holds it, and not a parameter that goes back to its default", async () => {
  const client = cloudClient();
  await client.make(AZURE.group, "g", { resourceGroupName: "g" });
  const place = { resourceGroupName: "g", serverName: "db" };
  const server = await client.make(AZURE.server, "db", place);
  const configuration = { ...place, configurationName: "work_mem", value: "8192" };
  const parameter = await client.make(AZURE.parameter, "p", configuration);
  await client.make(AZURE.lock, "l", { level: "CanNotDelete", lockName: "l", scope: server.id });
  await expect(client.remove(server)).rejects.toThrow("ScopeLocked");
  await client.remove(parameter);
});

describe("a vault of Azure", () => {
  const vault = (properties: object) => ({
    resourceGroupName: "g",
    vaultName: "keys",
    properties: { sku: { family: "A", name: "standard" }, tenantId: "t", ...properties },
  });
  const made = async (client: Client, properties: object): Promise<Kept> => {
    await client.make(AZURE.group, "g", { resourceGroupName: "g" });
    return client.make(AZURE.vault, "v", vault(properties));
  };

  test("stays deleted for as long as was said first", async () => {
    const client = cloudClient();
    const kept = await made(client, { softDeleteRetentionInDays: 90 });
    const change = client.change(kept, vault({ softDeleteRetentionInDays: 7 }));
    await expect(change).rejects.toThrow(
      `"softDeleteRetentionInDays" has been set already and it can't be modified`,
    );
    await client.change(kept, vault({ softDeleteRetentionInDays: 90, enableSoftDelete: true }));
  });

  test("is protected from purging or says nothing of it", async () => {
    const client = cloudClient();
    const words = `"enablePurgeProtection" cannot be set to false`;
    await expect(made(client, { enablePurgeProtection: false })).rejects.toThrow(words);
    await client.make(AZURE.vault, "v", vault({ enablePurgeProtection: true }));
  });
});
