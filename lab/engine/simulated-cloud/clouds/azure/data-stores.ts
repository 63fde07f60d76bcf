import type { CloudFunction } from "../cloud";
import type { CloudKind, Scene } from "../cloud-kind";
import { textAt, valueAt } from "../paths";
import type { WorldObject } from "../world";

const SERVER = "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}";
const CLUSTER = "Microsoft.Cache/redisEnterprise/{clusterName}";
const DATABASE = "azure-native:redisenterprise:Database";

// Azure is told the whole server each time, its storage too: astronomer/deploy-action#33.
function shrinkFault({ world }: Scene, { id, inputs, scope, type }: WorldObject) {
  const megabytes = (of: unknown) => 1024 * Number(valueAt(of, "storage.storageSizeGB"));
  const [wanted, current] = [megabytes(inputs), megabytes(world.find(type, scope, id)?.inputs)];
  if (!(wanted < current)) return undefined;
  return `Requested data Disk size '${String(wanted)}' cannot be less than current size '${String(current)}'.`;
}

/** Databases and caches of Azure by their places in the resource tree; `inGroup` makes a kind of a path. */
export function azureDataStores(
  inGroup: (path: string, outputs?: CloudKind["outputs"]) => CloudKind,
  locked: (scene: Scene, object: WorldObject) => string | undefined,
): Record<string, CloudKind> {
  return {
    "azure-native:dbforpostgresql:Server": {
      ...inGroup(SERVER, {
        fullyQualifiedDomainName: "{serverName}.postgres.database.azure.com",
        state: () => "Ready",
      }),
      refuses: (scene, object, step) => {
        if (step === "delete") return locked(scene, object);
        return step === "update" ? shrinkFault(scene, object) : undefined;
      },
    },
    // Its deletion is a change, back to the default, which no lock holds up: pulumi/pulumi-azure-native,
    // provider/pkg/resources/customresources/custom_postgres_config.go
    "azure-native:dbforpostgresql:Configuration": {
      ...inGroup(`${SERVER}/configurations/{configurationName}`),
      refuses: () => undefined,
    },
    "azure-native:dbforpostgresql:Database": inGroup(`${SERVER}/databases/{databaseName}`),
    "azure-native:keyvault:Secret": inGroup(
      "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    ),
    "azure-native:network:PrivateDnsZoneGroup": inGroup(
      "Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}",
    ),
    "azure-native:redisenterprise:RedisEnterprise": inGroup(CLUSTER, {
      hostName: "{clusterName}.{location}.redis.azure.net",
      resourceState: () => "Running",
    }),
    [DATABASE]: inGroup(`${CLUSTER}/databases/{databaseName}`),
  };
}

/** The access keys of a database: the same each time, as long as it is there. */
export const listRedisKeys: CloudFunction = (args, { world }) => {
  const [cluster, name] = [textAt(args, "clusterName"), textAt(args, "databaseName")];
  const database = world
    .all(DATABASE)
    .find(({ inputs }) => inputs.clusterName === cluster && inputs.databaseName === name);
  if (!database) {
    throw new Error(
      `Code="ResourceNotFound" Message="The Resource ${cluster}/${name} was not found."`,
    );
  }
  const key = (word: string) => Buffer.from(`${word} of ${database.id}`).toString("base64");
  return { primaryKey: key("primary"), secondaryKey: key("secondary") };
};
