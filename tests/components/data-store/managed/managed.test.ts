import * as pulumi from "@pulumi/pulumi";
import { RandomId } from "@pulumi/random/randomId";
import { dataStoreRef } from "../../../../components/data-store/data-store-ref";
import { find, isSecret, redact, reveal, tree } from "../../../support/deploy";
import { deployEdges } from "../../cluster/aws/edges";
import {
  AUTHORITY,
  CLASSES,
  make,
  networks,
  outputsOf,
  PASSWORD,
  run,
  runStore,
  type StoreClass,
} from "./stores";

const isPostgres = (kind: StoreClass) => kind.endsWith("Postgres");
const stash = "pulumi:index:Stash db-mode < db";
const secrets = [
  "kubernetes:core/v1:Secret db-gateway < db",
  "kubernetes:core/v1:Secret db-report < db",
];

const aws = [
  "aws:cloudwatch/logGroup:LogGroup db-log < db",
  "aws:ec2/securityGroup:SecurityGroup db-clients < db",
  "aws:kms/alias:Alias db-key < db",
  "aws:kms/key:Key db-key < db",
  "aws:kms/keyPolicy:KeyPolicy db-key < db",
  "aws:secretsmanager/secret:Secret db-credentials < db",
  "aws:secretsmanager/secretVersion:SecretVersion db-credentials < db",
  "random:index/randomPassword:RandomPassword db-password < db",
];
const gcp = (service: string) => [
  "gcp:compute/firewall:Firewall db-clients < db",
  "gcp:compute/firewall:Firewall db-others < db",
  "gcp:kms/cryptoKey:CryptoKey db-data < db",
  `gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember db-${service}-key-user < db`,
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember db-secrets-key-user < db",
  "gcp:kms/keyRing:KeyRing db-keys < db",
  `gcp:projects/serviceIdentity:ServiceIdentity db-${service}-agent < db`,
  "gcp:projects/serviceIdentity:ServiceIdentity db-secrets-agent < db",
  "gcp:secretmanager/secret:Secret db-credentials < db",
  "gcp:secretmanager/secretVersion:SecretVersion db-credentials < db",
];
const azure = [
  "azure-native:authorization:ManagementLockByScope db-lock < db",
  "azure-native:authorization:RoleAssignment db-key-user < db",
  "azure-native:keyvault:Key db-key < db",
  "azure-native:keyvault:Secret db-credentials < db",
  "azure-native:keyvault:Vault db-vault < db",
  "azure-native:managedidentity:UserAssignedIdentity db-identity < db",
  "azure-native:monitor:DiagnosticSetting db-diagnostics < db",
  "azure-native:network:NetworkSecurityGroup db-clients < db",
  "azure-native:network:PrivateDnsZoneGroup db-endpoint < db",
  "azure-native:network:PrivateEndpoint db-endpoint < db",
  "azure-native:network:Subnet db-subnet < db",
  "azure-native:operationalinsights:Workspace db-logs < db",
  "azure-native:privatedns:PrivateZone db-zone < db",
  "azure-native:privatedns:VirtualNetworkLink db-zone < db",
  "random:index/randomId:RandomId db-suffix < db",
];
const AZURE_PARAMETERS = [
  "log-connections",
  "log-disconnections",
  "log-lock-waits",
  "log-min-duration-statement",
  "pg-qs-query-capture-mode",
  "pgms-wait-sampling-query-capture-mode",
  "require-secure-transport",
  "ssl-min-protocol-version",
];

/** All that a class makes of the least arguments, beside itself, its mode and the consumers' Secrets. */
const TREES: Record<StoreClass, string[]> = {
  AwsPostgres: [
    ...aws,
    "aws:cloudwatch/logGroup:LogGroup db-upgrade-log < db",
    "aws:rds/instance:Instance db < db",
    "aws:rds/parameterGroup:ParameterGroup db-parameters < db",
    "aws:rds/subnetGroup:SubnetGroup db-subnets < db",
  ],
  AwsRedis: [
    ...aws,
    "aws:cloudwatch/logGroup:LogGroup db-slow-log < db",
    "aws:elasticache/parameterGroup:ParameterGroup db-parameters < db",
    "aws:elasticache/replicationGroup:ReplicationGroup db < db",
    "aws:elasticache/subnetGroup:SubnetGroup db-subnets < db",
  ],
  GcpPostgres: [
    ...gcp("sql"),
    "gcp:compute/address:Address db-endpoint < db",
    "gcp:compute/forwardingRule:ForwardingRule db-endpoint < db",
    "gcp:dns/managedZone:ManagedZone db-zone < db",
    "gcp:dns/recordSet:RecordSet db-record < db",
    "gcp:sql/database:Database db-database < db",
    "gcp:sql/databaseInstance:DatabaseInstance db < db",
    "gcp:sql/user:User db-user < db",
    "random:index/randomId:RandomId db-suffix < db",
    "random:index/randomPassword:RandomPassword db-password < db",
  ],
  GcpRedis: [...gcp("redis"), "gcp:redis/instance:Instance db < db"],
  AzurePostgres: [
    ...azure,
    ...AZURE_PARAMETERS.map((word) => `azure-native:dbforpostgresql:Configuration db-${word} < db`),
    "azure-native:dbforpostgresql:Database db-database < db",
    "azure-native:dbforpostgresql:Server db < db",
    "random:index/randomPassword:RandomPassword db-password < db",
  ],
  AzureRedis: [
    ...azure,
    "azure-native:redisenterprise:Database db-database < db",
    "azure-native:redisenterprise:RedisEnterprise db < db",
  ],
};

/** Everything in the text of a run that is not marked secret. */
const visible = (value: unknown) => JSON.stringify(redact(value));

describe.each(CLASSES)("%s", (kind) => {
  const self = `kvm-fabric:index:${kind} db < stack`;

  test("makes exactly these, each its own child", async () => {
    const expected = [...TREES[kind], ...secrets, self, stash].sort();
    expect(tree(await runStore(kind))).toEqual(expected);
  });

  test("makes the same where nothing is known yet", async () => {
    const program = () => {
      const { hex: unknown } = new RandomId("other", { byteLength: 4 });
      const network = kind.startsWith("Aws") ? { ...networks.aws, vpcId: unknown } : undefined;
      void make(kind, "db", {
        consumers: [{ name: "gateway", namespace: unknown }],
        ...(network && { network }),
      });
    };
    expect(tree(await run(program, { preview: true }))).toEqual(tree(await run(program)));
  });

  test("two of them never share a name", async () => {
    const { resources } = await run(() => {
      void make(kind, "one");
      void make(kind, "two");
    });
    const own = resources.filter(({ parent }) => parent !== "");
    expect(own.filter(({ name, parent }) => !name.startsWith(parent))).toEqual([]);
    const count = (parent: string) => own.filter((resource) => resource.parent === parent).length;
    expect(count("one")).toBe(count("two"));
  });

  test("shows the password nowhere", async () => {
    const { outputs, resources } = await runStore(kind);
    const seen = visible([resources.map(({ inputs }) => inputs), [...outputs]]);
    expect(seen).not.toContain(PASSWORD);
    expect(seen).not.toContain(encodeURIComponent(PASSWORD));
  });

  test("tells its consumers all they need, under the keys of each data store", async () => {
    const done = await runStore(kind);
    const { metadata, stringData } = find(done, "kubernetes:core/v1:Secret", "db-gateway").inputs;
    expect(metadata).toMatchObject({ name: "db-gateway", namespace: "services" });
    expect(isSecret(stringData)).toBe(true);
    const data = reveal(stringData);
    const { database, host, privateAuthority } = reveal(done.outputs.get("db"));
    const authority = `${host}:${data.port}`;
    const user = isPostgres(kind) ? "app" : "default";
    const login = `${user}:${encodeURIComponent(PASSWORD)}@${authority}`;
    expect(data).toEqual({
      host,
      port: data.port,
      username: user,
      password: PASSWORD,
      uri: isPostgres(kind)
        ? `postgresql://${login}/app?sslmode=verify-full`
        : `rediss://${login}/0`,
      ...(isPostgres(kind) && { database: "app" }),
      ...(privateAuthority && { "ca.crt": data["ca.crt"] }),
    });
    expect(database).toBe(isPostgres(kind) ? "app" : undefined);
    if (privateAuthority) expect(data["ca.crt"]).toContain(AUTHORITY.trim());
    const report = find(done, "kubernetes:core/v1:Secret", "db-report").inputs;
    expect(report.metadata).toMatchObject({ name: "database", namespace: "jobs" });
    expect(reveal(report.stringData)).toEqual(data);
  });

  test("is a reference for each consumer, and registers all that it shows", async () => {
    const seen: any = {};
    const done = await run(async () => {
      const store = make(kind);
      const ref = pulumi.output(dataStoreRef(store, "report"));
      seen.fields = Object.keys(store).filter((key) => key !== "urn" && !key.startsWith("__"));
      await new Promise<void>((resolve) => {
        ref.apply((known) => {
          Object.assign(seen, known);
          resolve();
        });
      });
    });
    const { privateAuthority, host } = reveal(done.outputs.get("db"));
    expect(seen).toMatchObject({ host, privateAuthority, secretName: "database" });
    expect(seen.cidrs).toEqual(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    expect(seen.fields.sort()).toEqual(Object.keys(done.outputs.get("db") ?? {}).sort());
  });

  test("keeps in the cloud what it tells consumers", async () => {
    const done = await runStore(kind);
    const data = reveal(find(done, "kubernetes:core/v1:Secret", "db-gateway").inputs.stringData);
    const kept = done.resources.find(
      ({ name, type }) => name === "db-credentials" && !type.endsWith("secret:Secret"),
    );
    const { properties, secretData, secretString } = kept?.inputs ?? {};
    const text = secretString ?? secretData ?? properties.value;
    expect(isSecret(text) || isSecret(properties)).toBe(true);
    expect(JSON.parse(reveal(text))).toEqual(data);
  });

  test("without a consumer needs no cluster", async () => {
    const { resources } = await runStore(kind, { consumers: [] });
    expect(resources.filter(({ type }) => type.startsWith("kubernetes:"))).toEqual([]);
  });

  test("one copy instead of two is one property of what holds the data", async () => {
    const [two, one] = [await runStore(kind), await runStore(kind, { highAvailability: false })];
    expect(tree(one)).toEqual(tree(two));
    const changed = two.resources
      .filter((resource, index) => {
        const other = one.resources.find(
          ({ name, type }) => name === resource.name && type === resource.type,
        );
        return (
          resource.custom &&
          index >= 0 &&
          JSON.stringify(other?.inputs) !== JSON.stringify(resource.inputs)
        );
      })
      .map(({ name }) => name);
    expect(changed).toEqual(["db"]);
  });
});

test.each(["AwsPostgres", "GcpPostgres", "AzurePostgres"] as const)(
  "%s asks at the preview before an upgrade",
  async (kind) => {
    const edges = await deployEdges(() => void make(kind), { outputsOf });
    const line = {
      AwsPostgres: "Instance db",
      GcpPostgres: "DatabaseInstance db",
      AzurePostgres: "Server db",
    };
    expect(edges.hooks(line[kind])).toEqual([`${kind}:db:major-upgrade`]);
    expect(edges.registered).toContainEqual([`${kind}:db:major-upgrade`, true]);
  },
);

test("what a store stands on is there before it and goes after it", async () => {
  const needed: Record<StoreClass, [string, string[]]> = {
    AwsPostgres: [
      "Instance db",
      ["LogGroup db-log", "KeyPolicy db-key", "SubnetGroup db-subnets", "SecurityGroup db-clients"],
    ],
    AwsRedis: [
      "ReplicationGroup db",
      ["LogGroup db-slow-log", "KeyPolicy db-key", "SubnetGroup db-subnets"],
    ],
    GcpPostgres: ["DatabaseInstance db", ["CryptoKeyIAMMember db-sql-key-user"]],
    GcpRedis: ["Instance db", ["CryptoKeyIAMMember db-redis-key-user"]],
    AzurePostgres: ["Server db", ["RoleAssignment db-key-user", "Key db-key"]],
    AzureRedis: ["RedisEnterprise db", ["RoleAssignment db-key-user", "Key db-key"]],
  };
  for (const kind of CLASSES) {
    const edges = await deployEdges(() => void make(kind), { outputsOf });
    const [line, own] = needed[kind];
    const before = edges.before(line);
    expect(own.filter((other) => !before.has(other))).toEqual([]);
    // Who reads the Secret can reach the store.
    const way = {
      Aws: [line],
      Gcp: [line, "Firewall db-others"],
      Azure: [line, "PrivateDnsZoneGroup db-endpoint"],
    };
    const told = edges.before("Secret db-gateway");
    const cloud = kind.startsWith("Aws") ? "Aws" : kind.startsWith("Gcp") ? "Gcp" : "Azure";
    expect(way[cloud].filter((other) => !told.has(other))).toEqual([]);
  }
});

test("a key of one's own takes the place of the one that is made", async () => {
  const given: Record<string, object> = {
    Aws: { encryptionKey: "arn:aws:kms:eu-central-1:123456789012:key/mine" },
    Gcp: { encryptionKey: "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/mine" },
    Azure: {
      encryptionKey: `https://v.vault.azure.net/keys/mine/${"1".repeat(32)}`,
      keyVaultId: "/subscriptions/s/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/mine",
    },
  };
  for (const kind of CLASSES) {
    const args = given[/^(Aws|Gcp|Azure)/.exec(kind)?.[0] ?? ""] ?? {};
    const done = await runStore(kind, args);
    const keys = done.resources.filter(({ type }) => /kms|keyvault:(Key|Vault)/.test(type));
    expect(keys.map(({ name }) => name)).toEqual([]);
    expect(
      JSON.stringify(
        reveal(done.resources.find(({ name, custom }) => name === "db" && custom)?.inputs),
      ),
    ).toContain("mine");
    expect(reveal(done.outputs.get("db")).encryptionKeyId).toBe((args as any).encryptionKey);
  }
});
