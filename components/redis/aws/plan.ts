import type { Input } from "@pulumi/pulumi";
import { type ConsumerPlan, planConsumers } from "../../data-store/consumers";
import type { AwsClients } from "../../data-store/managed/aws-clients";
import { awsSizeFaults, awsStoreFaults } from "../../data-store/managed/aws-faults";
import type { AwsStorePlan } from "../../data-store/managed/aws-store";
import { clientFaults, managedStoreFaults } from "../../data-store/managed/faults";
import { INSTANCE_NAMING } from "../../data-store/managed/instance-name";
import { awsWindow, backupHour, clock, windowPlan } from "../../data-store/managed/window";
import { PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { wholeNumberFaults } from "../../shared/numbers";
import { EvictionPolicy } from "../args";
import type { AwsRedisArgs } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  backupRetentionDays: 7,
  logRetentionDays: 90,
  size: "cache.m7g.large",
  version: "8.1",
});

/** Versions of Valkey that ElastiCache runs, as known on 2025-12-01, with their families of parameters. */
const FAMILIES: Record<string, string> = {
  "7.2": "valkey7",
  "8.0": "valkey8",
  "8.1": "valkey8",
  "8.2": "valkey8",
};

/** A replication group of ElastiCache, with every default filled in. */
export interface AwsRedisPlan extends AwsStorePlan, AwsClients {
  backupRetentionDays: number;
  backupWindow: string;
  consumers: ConsumerPlan[];
  evictionPolicy: EvictionPolicy;
  family: string;
  highAvailability: boolean;
  maintenanceWindow: string;
  networkCidrs: string[];
  size: string;
  subnetIds: Input<Input<string>[]>;
  version: string;
  vpcId: Input<string>;
}

/** Plans a replication group, or names everything that is wrong with its arguments. */
export function planAwsRedis(name: string, args: AwsRedisArgs): Planned<AwsRedisPlan> {
  const { instanceName = name, version = defaults.version } = args;
  const window = windowPlan(args.maintenanceWindow);
  const backup = backupHour(window);
  return planned(awsRedisFaults(name, args), () => ({
    name,
    instanceName,
    allowedCidrs: args.allowedCidrs ?? [],
    allowedSecurityGroupIds: args.allowedSecurityGroupIds ?? [],
    backupRetentionDays: args.backupRetentionDays ?? defaults.backupRetentionDays,
    backupWindow: `${clock(backup)}-${clock(backup + 1)}`,
    consumers: planConsumers(name, args.consumers),
    deletionProtection: args.deletionProtection ?? true,
    encryptionKey: args.encryptionKey,
    evictionPolicy: args.evictionPolicy ?? EvictionPolicy.NoEviction,
    family: FAMILIES[version] ?? "",
    highAvailability: args.highAvailability ?? true,
    logGroups: {
      log: `/aws/elasticache/${instanceName}/engine`,
      "slow-log": `/aws/elasticache/${instanceName}/slow`,
    },
    logRetentionDays: args.logRetentionDays ?? defaults.logRetentionDays,
    maintenanceWindow: awsWindow(window),
    networkCidrs: args.networkCidrs ?? [...PRIVATE_RANGES],
    size: args.size ?? defaults.size,
    subnetIds: args.subnetIds ?? args.network.privateSubnetIds,
    tags: args.tags ?? {},
    version,
    vpcId: args.network.vpcId,
  }));
}

function awsRedisFaults(name: string, args: AwsRedisArgs): Fault[] {
  return [
    ...managedStoreFaults(name, args, INSTANCE_NAMING.elastiCache),
    ...clientFaults(args, args.allowedSecurityGroupIds?.length),
    ...awsStoreFaults(args),
    ...awsSizeFaults("cache", args.size),
    ...wholeNumberFaults("backupRetentionDays", args.backupRetentionDays, 1, 35),
    ...memberFaults("evictionPolicy", args.evictionPolicy, Object.values(EvictionPolicy)),
    ...memberFaults("version", args.version, Object.keys(FAMILIES)),
  ];
}
