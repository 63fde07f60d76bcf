import { find, type Registration } from "../../../support/deploy";
import { CLASSES, make, run, runStore, type StoreClass } from "./stores";

/** What is made again in normal operation: the guard keeps it where it is taken out, and lets it be replaced. */
const REMADE: Record<StoreClass, string[]> = {
  AwsPostgres: [
    "ParameterGroup db-parameters",
    "RandomPassword db-password",
    "SecretVersion db-credentials",
  ],
  AwsRedis: [
    "ParameterGroup db-parameters",
    "RandomPassword db-password",
    "SecretVersion db-credentials",
  ],
  GcpPostgres: ["RandomPassword db-password", "SecretVersion db-credentials"],
  GcpRedis: ["SecretVersion db-credentials"],
  AzurePostgres: ["RandomPassword db-password"],
  AzureRedis: [],
};

const lineOf = ({ name, type }: Registration) => `${type.split(":").at(-1) ?? ""} ${name}`;

/** What holds nothing: the Secrets of consumers, the lock, which goes first, the mode, and parameters of Azure. */
const isFree = (resource: Registration) =>
  resource.type.startsWith("kubernetes:") ||
  /^(ManagementLockByScope|Stash|Configuration) /.test(lineOf(resource));

describe.each(CLASSES)("%s", (kind) => {
  test("guards what holds data and what that stands on, and lets the rest be made again", async () => {
    const resources = (await runStore(kind)).resources.filter(({ custom }) => custom);
    const guarded = resources.filter((resource) => !isFree(resource));
    const open = guarded.filter(({ protect }) => !protect).map(lineOf);
    expect(open.sort()).toEqual(REMADE[kind]);
    expect(guarded.filter(({ retainOnDelete }) => !retainOnDelete).map(lineOf)).toEqual([]);
    const free = resources.filter(isFree);
    expect(free.filter((one) => one.protect || one.retainOnDelete).map(lineOf)).toEqual([]);
  });

  test("guards nothing where it is told so", async () => {
    const { resources } = await runStore(kind, { deletionProtection: false });
    expect(resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual(
      [],
    );
  });
});

test.each<[StoreClass, string, string[]]>([
  ["GcpPostgres", "gcp:sql/databaseInstance:DatabaseInstance", ["settings.diskSize"]],
  ["AzurePostgres", "azure-native:dbforpostgresql:Server", ["storage.storageSizeGB"]],
])(
  "%s leaves the size of its storage alone, which grows by itself",
  async (kind, type, ignored) => {
    expect(find(await runStore(kind), type, "db").ignoreChanges).toEqual(ignored);
  },
);

test.each(["AzurePostgres", "AzureRedis"] as const)(
  "the vault of %s keeps the retention that it was made with, which Azure never changes",
  async (kind) => {
    const vault = (await runStore(kind)).resources.find(({ name }) => name === "db-vault");
    expect(vault?.ignoreChanges).toEqual(["properties.softDeleteRetentionInDays"]);
  },
);

test.each<[StoreClass, string]>([
  ["AwsPostgres", "aws:rds/instance:Instance"],
  ["AwsRedis", "aws:elasticache/replicationGroup:ReplicationGroup"],
])("changes of %s wait for the window while guarded, and do not otherwise", async (kind, type) => {
  const atOnce = async (args: object) =>
    find(await runStore(kind, args), type, "db").inputs.applyImmediately;
  expect(await atOnce({})).toBe(false);
  expect(await atOnce({ deletionProtection: false })).toBe(true);
});

const KEYS = "/subscriptions/s/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/mine";

test("two stores in one vault have keys of their own, and each the right to its own alone", async () => {
  const { resources } = await run(() => {
    void make("AzurePostgres", "db", { keyVaultId: KEYS });
    void make("AzureRedis", "cache", { keyVaultId: KEYS });
  });
  const of = (type: string) => resources.filter((one) => one.type.endsWith(type));
  const keys = of(":Key").map(({ inputs }) => `${inputs.vaultName}/${inputs.keyName}`);
  expect(keys.sort()).toEqual(["mine/cache-data", "mine/db-data"]);
  const grants = of(":RoleAssignment").map(({ inputs, name }) => `${name}: ${inputs.scope}`);
  expect(grants.sort()).toEqual([
    `cache-key-user: ${KEYS}/keys/cache-data`,
    `db-key-user: ${KEYS}/keys/db-data`,
  ]);
});

test("of a key that is given, the right is to that one", async () => {
  const encryptionKey = `https://mine.vault.azure.net/keys/theirs/${"1".repeat(32)}`;
  const done = await runStore("AzurePostgres", { encryptionKey, keyVaultId: KEYS });
  const grant = find(done, "azure-native:authorization:RoleAssignment", "db-key-user");
  expect(grant.inputs.scope).toBe(`${KEYS}/keys/theirs`);
});
