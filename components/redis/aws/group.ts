import { ParameterGroup } from "@pulumi/aws/elasticache/parameterGroup";
import {
  ReplicationGroup,
  type ReplicationGroupArgs,
} from "@pulumi/aws/elasticache/replicationGroup";
import { SubnetGroup } from "@pulumi/aws/elasticache/subnetGroup";
import type * as pulumi from "@pulumi/pulumi";
import { remakeable } from "../../shared/data-guard";
import type { AwsRedisPlan } from "./plan";

/** The port of Redis, with TLS too. */
export const REDIS_PORT = 6379;

/** What a replication group is made of beside its plan. */
export interface GroupParts {
  keyArn: pulumi.Output<string>;
  password: pulumi.Output<string>;
  securityGroupId: pulumi.Output<string>;
  /** What must be there before it. */
  before: pulumi.Resource[];
}

/**
 * Creates the replication group, with its parameters and its subnets. A parameter group is of one family, and named by it:
 * an upgrade makes the new one first. The old one goes last; of a guarded store it stays, as until the maintenance window
 * that one goes on with it.
 */
export function createGroup(
  plan: AwsRedisPlan,
  parts: GroupParts,
  options: pulumi.CustomResourceOptions,
): ReplicationGroup {
  const { evictionPolicy, family, instanceName, name, subnetIds } = plan;
  const tags = { ...plan.tags, Name: instanceName };
  const subnets = new SubnetGroup(
    `${name}-subnets`,
    { name: instanceName, description: `Subnets of ${instanceName}`, subnetIds, tags },
    options,
  );
  const parameters = new ParameterGroup(
    `${name}-parameters`,
    {
      name: `${instanceName}-${family}`,
      family,
      description: `Parameters of ${instanceName}`,
      parameters: [{ name: "maxmemory-policy", value: evictionPolicy }],
      tags,
    },
    remakeable(options),
  );
  return new ReplicationGroup(
    name,
    {
      ...engine(plan),
      ...protection(plan, parts),
      parameterGroupName: parameters.name,
      replicationGroupId: instanceName,
      securityGroupIds: [parts.securityGroupId],
      subnetGroupName: subnets.name,
      tags,
    },
    { ...options, dependsOn: parts.before },
  );
}

function engine(plan: AwsRedisPlan) {
  const { highAvailability, instanceName, logGroups } = plan;
  const logs = (logType: string, destination: string | undefined) => ({
    destination: destination ?? "",
    destinationType: "cloudwatch-logs",
    logFormat: "json",
    logType,
  });
  return {
    // Changes wait for the maintenance window. Without the guard they do not, so that the old parameters can go.
    applyImmediately: !plan.deletionProtection,
    autoMinorVersionUpgrade: true,
    automaticFailoverEnabled: highAvailability,
    description: `Data of ${instanceName}`,
    engine: "valkey",
    engineVersion: plan.version,
    logDeliveryConfigurations: [
      logs("engine-log", logGroups.log),
      logs("slow-log", logGroups["slow-log"]),
    ],
    maintenanceWindow: plan.maintenanceWindow,
    multiAzEnabled: highAvailability,
    nodeType: plan.size,
    numCacheClusters: highAvailability ? 2 : 1,
    port: REDIS_PORT,
  } satisfies Partial<ReplicationGroupArgs>;
}

function protection(plan: AwsRedisPlan, { keyArn, password }: GroupParts) {
  const { deletionProtection, instanceName } = plan;
  return {
    atRestEncryptionEnabled: true,
    authToken: password,
    // The old password holds beside a new one until the next, so that consumers have the time to follow.
    authTokenUpdateStrategy: "ROTATE",
    ...(deletionProtection && { finalSnapshotIdentifier: `${instanceName}-final` }),
    kmsKeyId: keyArn,
    snapshotRetentionLimit: plan.backupRetentionDays,
    snapshotWindow: plan.backupWindow,
    transitEncryptionEnabled: true,
    transitEncryptionMode: "required",
  } satisfies Partial<ReplicationGroupArgs>;
}
