import { Configuration } from "@pulumi/azure-native/dbforpostgresql/configuration";
import { Database } from "@pulumi/azure-native/dbforpostgresql/database";
import { Server, type ServerArgs } from "@pulumi/azure-native/dbforpostgresql/server";
import * as pulumi from "@pulumi/pulumi";
import type { AzureStoreKey } from "../../data-store/managed/azure-vault";
import { majorUpgradeHook } from "../../data-store/managed/major-upgrade";
import { remakeable } from "../../shared/data-guard";
import type { AzurePostgresPlan } from "./plan";

/** What a server is made of beside its plan. */
export interface ServerParts {
  key: AzureStoreKey;
  password: pulumi.Output<string>;
  suffix: pulumi.Output<string>;
}

/** Creates the server. Its name is unique over all of Azure, and stays taken for days after a deletion: hence the suffix. */
export function createServer(
  plan: AzurePostgresPlan,
  { key, password, suffix }: ServerParts,
  options: pulumi.CustomResourceOptions,
): Server {
  const { instanceName, name, network, resourceGroupName, tags } = plan;
  return new Server(
    name,
    {
      ...machine(plan),
      administratorLogin: plan.username,
      administratorLoginPassword: password,
      authConfig: { activeDirectoryAuth: "Disabled", passwordAuth: "Enabled" },
      createMode: "Default",
      dataEncryption: {
        primaryKeyURI: key.keyUri,
        primaryUserAssignedIdentityId: key.identityId,
        type: "AzureKeyVault",
      },
      identity: {
        type: "UserAssigned",
        userAssignedIdentities: key.identityId.apply((id) => ({ [id]: {} })),
      },
      location: network.location,
      network: { publicNetworkAccess: "Disabled" },
      resourceGroupName,
      serverName: pulumi.interpolate`${instanceName}-${suffix}`,
      tags,
    },
    {
      ...options,
      dependsOn: [key.grant],
      // Storage grows by itself, and Azure refuses its size of the first day then: astronomer/deploy-action#33.
      ignoreChanges: ["storage.storageSizeGB"],
      hooks: {
        beforeUpdate: majorUpgradeHook("AzurePostgres", name, "version", plan.allowMajorUpgrade),
      },
    },
  );
}

function machine(plan: AzurePostgresPlan) {
  return {
    backup: {
      backupRetentionDays: plan.backupRetentionDays,
      geoRedundantBackup: "Disabled",
    },
    highAvailability: { mode: plan.highAvailability ? "ZoneRedundant" : "Disabled" },
    maintenanceWindow: { ...plan.maintenanceWindow, customWindow: "Enabled", startMinute: 0 },
    sku: { name: plan.size, tier: plan.tier },
    storage: { autoGrow: "Enabled", storageSizeGB: plan.storageGib },
    version: plan.version,
  } satisfies Partial<ServerArgs>;
}

/**
 * Creates parameters and database, one after the other: a server that is at work on one refuses the next. A parameter is not
 * guarded: one that is taken out goes back to Azure's default.
 * Source: https://github.com/Azure-Samples/acme-fitness-store/issues/185
 */
export function createParts(
  { database, name, parameters, resourceGroupName }: AzurePostgresPlan,
  server: Server,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const made: pulumi.Resource[] = [];
  const next = () => ({ ...options, deletedWith: server, dependsOn: made.slice(-1) });
  const place = { resourceGroupName, serverName: server.name };
  for (const [configurationName, value] of Object.entries(parameters)) {
    const word = configurationName.replaceAll(/[._]/g, "-");
    made.push(
      new Configuration(
        `${name}-${word}`,
        { ...place, configurationName, source: "user-override", value },
        { ...remakeable(next()), retainOnDelete: false },
      ),
    );
  }
  made.push(
    new Database(
      `${name}-database`,
      { ...place, charset: "UTF8", collation: "en_US.utf8", databaseName: database },
      next(),
    ),
  );
  return made;
}
