import { reveal, type Deployment } from "../../../support/deploy";
import { CLASSES, runStore, type StoreClass } from "./stores";

const NAME = "prod-store";
/** What is only for people to read. */
const UNNAMED = ["description", "tags"];

/** Every text among the inputs of what a cloud makes that has a word in it, with its place. */
function textsWith({ resources }: Deployment, word: RegExp): string[] {
  const found = (place: string, value: unknown): string[] => {
    if (typeof value === "string") return word.test(value) ? [`${place} = ${value}`] : [];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, entry]) => found(`${place}.${key}`, entry));
  };
  return resources
    .filter(({ custom, type }) => custom && /^(aws|gcp|azure-native):/.test(type))
    .flatMap(({ inputs, name, type }) => {
      const named = Object.entries(reveal(inputs)).filter(([key]) => !UNNAMED.includes(key));
      return found(`${type.split(":").at(-1) ?? ""} ${name}`, Object.fromEntries(named));
    })
    .sort();
}

const aws = [
  `Alias db-key.name = alias/kvm-fabric/${NAME}`,
  `Secret db-credentials.name = ${NAME}-credentials`,
  `SecurityGroup db-clients.name = ${NAME}-clients`,
];
const gcp = [
  `Firewall db-clients.name = ${NAME}-clients`,
  `Firewall db-others.name = ${NAME}-others`,
  `Secret db-credentials.secretId = ${NAME}-credentials`,
];
const azure = [
  `ManagementLockByScope db-lock.lockName = ${NAME}-deletion-protection`,
  `NetworkSecurityGroup db-clients.networkSecurityGroupName = ${NAME}-clients`,
  `PrivateEndpoint db-endpoint.privateEndpointName = ${NAME}-endpoint`,
  `PrivateEndpoint db-endpoint.privateLinkServiceConnections.0.name = ${NAME}`,
  `Secret db-credentials.secretName = ${NAME}-credentials`,
  `Subnet db-subnet.subnetName = ${NAME}`,
  `UserAssignedIdentity db-identity.resourceName = ${NAME}`,
  `Vault db-vault.vaultName = ${NAME}-0a1b2c3d`,
  `VirtualNetworkLink db-zone.virtualNetworkLinkName = ${NAME}`,
  `Workspace db-logs.workspaceName = ${NAME}-logs`,
];

/** All that is called after the instance, of what the clouds name. */
const NAMED: Record<StoreClass, string[]> = {
  AwsPostgres: [
    ...aws,
    `Instance db.finalSnapshotIdentifier = ${NAME}-final`,
    `Instance db.identifier = ${NAME}`,
    `LogGroup db-log.name = /aws/rds/instance/${NAME}/postgresql`,
    `LogGroup db-upgrade-log.name = /aws/rds/instance/${NAME}/upgrade`,
    `ParameterGroup db-parameters.name = ${NAME}-pg17`,
    `SubnetGroup db-subnets.name = ${NAME}`,
  ],
  AwsRedis: [
    ...aws,
    `LogGroup db-log.name = /aws/elasticache/${NAME}/engine`,
    `LogGroup db-slow-log.name = /aws/elasticache/${NAME}/slow`,
    `ParameterGroup db-parameters.name = ${NAME}-valkey8`,
    `ReplicationGroup db.finalSnapshotIdentifier = ${NAME}-final`,
    `ReplicationGroup db.replicationGroupId = ${NAME}`,
    `SubnetGroup db-subnets.name = ${NAME}`,
  ],
  GcpPostgres: [
    ...gcp,
    `Address db-endpoint.name = ${NAME}-endpoint`,
    `DatabaseInstance db.name = ${NAME}-0a1b2c3d`,
    `ForwardingRule db-endpoint.name = ${NAME}-endpoint`,
    `ManagedZone db-zone.name = ${NAME}-zone`,
  ],
  GcpRedis: [...gcp, `Instance db.name = ${NAME}`],
  AzurePostgres: [...azure, `Server db.serverName = ${NAME}-0a1b2c3d`],
  AzureRedis: [...azure, `RedisEnterprise db.clusterName = ${NAME}-0a1b2c3d`],
};

describe.each(CLASSES)("%s", (kind) => {
  test("everything that its cloud names is called after the instance", async () => {
    const texts = textsWith(await runStore(kind, { instanceName: NAME }), new RegExp(NAME));
    for (const line of NAMED[kind]) expect(texts).toContain(line);
  });

  test("and after the component where no name is given", async () => {
    const named = await runStore(kind, { instanceName: "db" });
    const texts = (deployment: Deployment) => textsWith(deployment, /./);
    expect(texts(await runStore(kind))).toEqual(texts(named));
  });

  test("two stacks of one program, each with a name, share none in the cloud", async () => {
    const one = textsWith(await runStore(kind, { instanceName: NAME }), new RegExp(NAME));
    const other = await runStore(kind, { instanceName: "other-store" });
    expect(textsWith(other, /other-store/)).toEqual(
      one.map((line) => line.replaceAll(NAME, "other-store")).sort(),
    );
    expect(textsWith(other, new RegExp(NAME))).toEqual([]);
    // Nor does any that the component's own name has a part in; ids of what others made are no names.
    const own = /\.(\w*[nN]ame|\w*[iI]dentifier|replicationGroupId) = (.*\/)?db(-|$)/;
    expect(
      textsWith(other, /db/).filter((line) => own.test(line) && !line.endsWith("-id")),
    ).toEqual([]);
  });
});
