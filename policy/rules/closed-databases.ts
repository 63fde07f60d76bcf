import { at, isSaid, items, type Rule, type RuledResource, textAt } from "../resource";

/** Databases of production are encrypted, answer over TLS alone, and are backed up; `no-public-endpoints` has the rest. */
export const closedDatabases: Rule = {
  name: "closed-databases",
  description:
    "in production a database is encrypted, answers over TLS alone, and is backed up where its service can do that",
  productionOnly: true,
  check: (resource) => checks[resource.type]?.(resource) ?? [],
};

type Check = (resource: RuledResource) => string[];

const checks: Readonly<Partial<Record<string, Check>>> = {
  "aws:rds/cluster:Cluster": auroraProblems,
  "aws:rds/instance:Instance": rdsProblems,
  "aws:elasticache/replicationGroup:ReplicationGroup": ({ props }) => [
    ...isTrue(props, "atRestEncryptionEnabled"),
    ...isTrue(props, "transitEncryptionEnabled"),
    ...problem(
      at(props, "transitEncryptionMode") !== "preferred",
      "transitEncryptionMode lets clients in without TLS",
    ),
    ...problem(
      isSaid(props, "authToken") || isSaid(props, "userGroupIds"),
      "neither authToken nor userGroupIds: whoever reaches it may read it",
    ),
  ],
  "gcp:sql/databaseInstance:DatabaseInstance": ({ props }) => {
    const mode = textAt(props, "settings", "ipConfiguration", "sslMode");
    const tls = ["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"].includes(mode);
    return [
      ...problem(tls, "settings.ipConfiguration.sslMode lets clients in without TLS"),
      ...isTrue(props, "settings", "backupConfiguration", "enabled"),
      ...isTrue(props, "settings", "backupConfiguration", "pointInTimeRecoveryEnabled"),
    ];
  },
  "gcp:redis/instance:Instance": ({ props }) => [
    ...isTrue(props, "authEnabled"),
    ...problem(
      at(props, "transitEncryptionMode") === "SERVER_AUTHENTICATION",
      "transitEncryptionMode is not SERVER_AUTHENTICATION",
    ),
  ],
  // Flexible Server asks for TLS unless it is told not to.
  "azure-native:dbforpostgresql:Configuration": ({ props }) => {
    const off =
      at(props, "configurationName") === "require_secure_transport" &&
      /^off$/i.test(textAt(props, "value"));
    return problem(!off, "require_secure_transport is off");
  },
  "azure-native:redisenterprise:Database": ({ props }) =>
    problem(at(props, "clientProtocol") === "Encrypted", "clientProtocol is not Encrypted"),
};

function rdsProblems(resource: RuledResource): string[] {
  const { props } = resource;
  // A replica is backed up, and told its parameters, where it comes from.
  if (at(props, "replicateSourceDb") !== undefined) return isTrue(props, "storageEncrypted");
  const days = Number(at(props, "backupRetentionPeriod") ?? 0);
  return [
    ...isTrue(props, "storageEncrypted"),
    ...problem(isTlsForced(resource), FORCED),
    ...problem(days > 0, "backupRetentionPeriod is 0"),
  ];
}

/** Aurora, and RDS in three zones: both are always backed up, for a day where nothing is said. */
function auroraProblems(resource: RuledResource): string[] {
  return [...isTrue(resource.props, "storageEncrypted"), ...problem(isTlsForced(resource), FORCED)];
}

const FORCED = "no parameter rds.force_ssl (MySQL: require_secure_transport) is 1";

/** Whether RDS insists on TLS is in a group of parameters. */
function isTlsForced({ madeFrom }: RuledResource): boolean {
  const groups = Object.values(madeFrom)
    .flat()
    .filter(({ type }) => /^aws:rds\/(p|clusterP)arameterGroup:/.test(type));
  return groups.some((group) =>
    items(at(group.props, "parameters")).some(
      (one) =>
        ["rds.force_ssl", "require_secure_transport"].includes(textAt(one, "name")) &&
        /^(1|on)$/i.test(String(at(one, "value"))),
    ),
  );
}

function isTrue(props: unknown, ...path: string[]): string[] {
  return problem(at(props, ...path) === true, `${path.join(".")} is not true`);
}

function problem(holds: boolean, text: string): string[] {
  return holds ? [] : [text];
}
