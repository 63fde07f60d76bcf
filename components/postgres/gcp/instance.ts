import { Database } from "@pulumi/gcp/sql/database";
import { DatabaseInstance, type DatabaseInstanceArgs } from "@pulumi/gcp/sql/databaseInstance";
import { User } from "@pulumi/gcp/sql/user";
import * as pulumi from "@pulumi/pulumi";
import { projectOf } from "../../data-store/managed/gcp-clients";
import type { GcpStoreKey } from "../../data-store/managed/gcp-store";
import { majorUpgradeHook } from "../../data-store/managed/major-upgrade";
import type { GcpPostgresPlan } from "./plan";

/** Days for which the backup stays that is taken when the instance is deleted. */
const FINAL_BACKUP_DAYS = 30;

/** What an instance is made of beside its plan. */
export interface InstanceParts {
  key: GcpStoreKey;
  password: pulumi.Output<string>;
  suffix: pulumi.Output<string>;
}

/**
 * Creates the instance, its database and its user. The instance's name stays taken for a week after it is gone: hence the
 * suffix.
 */
export function createInstance(
  plan: GcpPostgresPlan,
  { key, password, suffix }: InstanceParts,
  options: pulumi.CustomResourceOptions,
): { instance: DatabaseInstance; ready: pulumi.Resource[] } {
  const { deletionProtection, name, project } = plan;
  const instance = new DatabaseInstance(
    name,
    {
      name: pulumi.interpolate`${plan.instanceName}-${suffix}`,
      databaseVersion: `POSTGRES_${plan.version}`,
      deletionProtection,
      encryptionKeyName: key.id,
      project,
      region: plan.region,
      settings: { ...machine(plan), ...recovery(plan), ...access(plan) },
    },
    {
      ...options,
      // 20 minutes are usual, and more with a second zone: hashicorp/terraform-provider-google#14770
      customTimeouts: { create: "60m", update: "60m" },
      dependsOn: key.grants,
      // Storage grows by itself, and its size of the first day would be a smaller one, which takes another instance.
      ignoreChanges: ["settings.diskSize"],
      hooks: {
        beforeUpdate: majorUpgradeHook(
          "GcpPostgres",
          name,
          "databaseVersion",
          plan.allowMajorUpgrade,
        ),
      },
    },
  );
  // Both go with the instance: one by one, Postgres refuses to drop a user that owns anything.
  const parts = { ...options, deletedWith: instance };
  const database = new Database(
    `${name}-database`,
    { name: plan.database, instance: instance.name, project },
    parts,
  );
  const user = new User(
    `${name}-user`,
    { name: plan.username, instance: instance.name, password, project, deletionPolicy: "ABANDON" },
    parts,
  );
  return { instance, ready: [database, user] };
}

type Settings = pulumi.Unwrap<DatabaseInstanceArgs["settings"]>;

function machine(plan: GcpPostgresPlan) {
  return {
    availabilityType: plan.highAvailability ? "REGIONAL" : "ZONAL",
    databaseFlags: Object.entries(plan.parameters).map(([flag, value]) => ({ name: flag, value })),
    diskAutoresize: true,
    diskAutoresizeLimit: plan.maxStorageGib,
    diskSize: plan.storageGib,
    diskType: "PD_SSD",
    edition: plan.edition,
    insightsConfig: {
      queryInsightsEnabled: true,
      queryPlansPerMinute: 5,
      queryStringLength: 1024,
      recordApplicationTags: true,
      // Who asked is in the connection log already.
      recordClientAddress: false,
    },
    maintenanceWindow: { ...plan.maintenanceWindow, updateTrack: "stable" },
    tier: plan.size,
    userLabels: plan.labels,
  } satisfies Partial<Settings>;
}

function recovery({ backupRetentionDays, backupTime, deletionProtection }: GcpPostgresPlan) {
  return {
    backupConfiguration: {
      enabled: true,
      pointInTimeRecoveryEnabled: true,
      startTime: backupTime,
      transactionLogRetentionDays: backupRetentionDays,
      // The oldest second needs the backup before it.
      backupRetentionSettings: {
        retainedBackups: backupRetentionDays + 1,
        retentionUnit: "COUNT",
      },
    },
    deletionProtectionEnabled: deletionProtection,
    finalBackupConfig: deletionProtection
      ? { enabled: true, retentionDays: FINAL_BACKUP_DAYS }
      : { enabled: false },
    retainBackupsOnDelete: deletionProtection,
  } satisfies Partial<Settings>;
}

function access({ networkId }: GcpPostgresPlan) {
  return {
    ipConfiguration: {
      ipv4Enabled: false,
      pscConfigs: [
        {
          pscEnabled: true,
          allowedConsumerProjects: [pulumi.output(networkId).apply(projectOf)],
        },
      ],
      // Servers of this authority carry the instance's DNS name, so that a client can check it.
      serverCaMode: "GOOGLE_MANAGED_CAS_CA",
      sslMode: "ENCRYPTED_ONLY",
    },
  };
}
