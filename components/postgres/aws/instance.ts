import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { majorUpgradeHook } from "../../data-store/managed/major-upgrade";
import { remakeable } from "../../shared/data-guard";
import type { AwsPostgresPlan } from "./plan";

/** The port of Postgres. */
export const POSTGRES_PORT = 5432;

/** What an instance is made of beside its plan. */
export interface InstanceParts {
  keyArn: pulumi.Output<string>;
  password: pulumi.Output<string>;
  securityGroupId: pulumi.Output<string>;
  /** What must be there before it. */
  before: pulumi.Resource[];
}

/** Creates the instance, with its parameters and its subnets. */
export function createInstance(
  plan: AwsPostgresPlan,
  parts: InstanceParts,
  options: pulumi.CustomResourceOptions,
): rds.Instance {
  const { allowMajorUpgrade, instanceName, name, subnetIds, tags } = plan;
  const ownTags = { ...tags, Name: instanceName };
  const subnets = new rds.SubnetGroup(
    `${name}-subnets`,
    { name: instanceName, description: `Subnets of ${instanceName}`, subnetIds, tags: ownTags },
    options,
  );
  const parameters = createParameters(plan, options);
  return new rds.Instance(
    name,
    {
      ...engine(plan),
      ...protection(plan, parts),
      dbSubnetGroupName: subnets.name,
      identifier: instanceName,
      parameterGroupName: parameters.name,
      vpcSecurityGroupIds: [parts.securityGroupId],
      tags: ownTags,
    },
    {
      ...options,
      dependsOn: parts.before,
      hooks: {
        beforeUpdate: majorUpgradeHook("AwsPostgres", name, "engineVersion", allowMajorUpgrade),
      },
    },
  );
}

/**
 * A parameter group is of one major version, and named by it: an upgrade makes the new one first. The old one goes last; of
 * a guarded instance it stays, as until the maintenance window that one goes on with it.
 */
function createParameters(
  { instanceName, major, name, parameters, tags }: AwsPostgresPlan,
  options: pulumi.CustomResourceOptions,
): rds.ParameterGroup {
  return new rds.ParameterGroup(
    `${name}-parameters`,
    {
      name: `${instanceName}-pg${major}`,
      family: `postgres${major}`,
      description: `Parameters of ${instanceName}`,
      parameters: Object.entries(parameters).map(([key, value]) => ({
        name: key,
        value,
        // Some take effect with a restart alone, and RDS refuses them at once: with the next restart all do.
        applyMethod: "pending-reboot",
      })),
      tags: { ...tags, Name: instanceName },
    },
    remakeable(options),
  );
}

function engine(plan: AwsPostgresPlan) {
  return {
    allocatedStorage: plan.storageGib,
    allowMajorVersionUpgrade: plan.allowMajorUpgrade,
    // Changes wait for the maintenance window. Without the guard they do not, so that the old parameters can go.
    applyImmediately: !plan.deletionProtection,
    autoMinorVersionUpgrade: plan.minorUpgrades,
    caCertIdentifier: "rds-ca-rsa2048-g1",
    dbName: plan.database,
    engine: "postgres",
    engineVersion: plan.version,
    instanceClass: plan.size,
    maintenanceWindow: plan.maintenanceWindow,
    maxAllocatedStorage: plan.maxStorageGib,
    multiAz: plan.highAvailability,
    port: POSTGRES_PORT,
    storageType: "gp3",
    username: plan.username,
  } satisfies Partial<rds.InstanceArgs>;
}

function protection(plan: AwsPostgresPlan, { keyArn, password }: InstanceParts) {
  const { deletionProtection, instanceName } = plan;
  return {
    backupRetentionPeriod: plan.backupRetentionDays,
    backupWindow: plan.backupWindow,
    copyTagsToSnapshot: true,
    databaseInsightsMode: "standard",
    deleteAutomatedBackups: !deletionProtection,
    deletionProtection,
    enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    ...(deletionProtection && { finalSnapshotIdentifier: `${instanceName}-final` }),
    iamDatabaseAuthenticationEnabled: true,
    kmsKeyId: keyArn,
    password,
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: keyArn,
    performanceInsightsRetentionPeriod: 7,
    publiclyAccessible: false,
    skipFinalSnapshot: !deletionProtection,
    storageEncrypted: true,
  } satisfies Partial<rds.InstanceArgs>;
}
