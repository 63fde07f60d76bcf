import type { Input } from "@pulumi/pulumi";
import { type ConsumerPlan, planConsumers } from "../../data-store/consumers";
import type { AwsClients } from "../../data-store/managed/aws-clients";
import { awsSizeFaults, awsStoreFaults } from "../../data-store/managed/aws-faults";
import type { AwsStorePlan } from "../../data-store/managed/aws-store";
import {
  clientFaults,
  managedPostgresFaults,
  managedStoreFaults,
} from "../../data-store/managed/faults";
import { INSTANCE_NAMING } from "../../data-store/managed/instance-name";
import {
  postgresVersionFaults,
  postgresVersionWarnings,
  RDS_CALENDAR,
} from "../../data-store/managed/postgres-versions";
import { mostStorageGib, storageFaults } from "../../data-store/managed/storage";
import { awsWindow, backupHour, clock, windowPlan } from "../../data-store/managed/window";
import { PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import type { AwsPostgresArgs } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  backupRetentionDays: 7,
  database: "app",
  logRetentionDays: 90,
  size: "db.m7g.large",
  storageGib: 100,
  username: "app",
});

/** An RDS instance, with every default filled in. */
export interface AwsPostgresPlan extends AwsStorePlan, AwsClients {
  allowMajorUpgrade: boolean;
  backupRetentionDays: number;
  backupWindow: string;
  caCertificate: Input<string> | undefined;
  consumers: ConsumerPlan[];
  database: string;
  highAvailability: boolean;
  maintenanceWindow: string;
  major: string;
  maxStorageGib: number;
  /** RDS installs minor versions by itself: the version is a major one alone. */
  minorUpgrades: boolean;
  networkCidrs: string[];
  parameters: Record<string, string>;
  size: string;
  storageGib: number;
  subnetIds: Input<Input<string>[]>;
  username: string;
  version: string;
  vpcId: Input<string>;
  warnings: string[];
}

/**
 * Parameters of every database. TLS is forced, and of at least version 1.2; the log tells who came and went, who waited for
 * a lock and what took longer than a second.
 */
const PARAMETERS = Object.freeze({
  "rds.force_ssl": "1",
  ssl_min_protocol_version: "TLSv1.2",
  log_connections: "1",
  log_disconnections: "1",
  log_lock_waits: "1",
  log_min_duration_statement: "1000",
});

/** Plans an RDS instance as of a day, or names everything that is wrong with its arguments. */
export function planAwsPostgres(
  name: string,
  args: AwsPostgresArgs,
  today: Date = new Date(),
): Planned<AwsPostgresPlan> {
  const storageGib = args.storageGib ?? defaults.storageGib;
  return planned(awsPostgresFaults(name, args, today), () => ({
    ...names(name, args),
    ...schedule(args),
    ...clients(args),
    allowMajorUpgrade: args.allowMajorUpgrade ?? false,
    caCertificate: args.caCertificate,
    consumers: planConsumers(name, args.consumers),
    deletionProtection: args.deletionProtection ?? true,
    encryptionKey: args.encryptionKey,
    highAvailability: args.highAvailability ?? true,
    logRetentionDays: args.logRetentionDays ?? defaults.logRetentionDays,
    major: args.version.split(".")[0] ?? args.version,
    maxStorageGib: mostStorageGib(storageGib, args.maxStorageGib),
    minorUpgrades: !args.version.includes("."),
    parameters: { ...PARAMETERS, ...args.parameters },
    size: args.size ?? defaults.size,
    storageGib,
    tags: args.tags ?? {},
    version: args.version,
    warnings: postgresVersionWarnings(args.version, RDS_CALENDAR, today),
  }));
}

function names(name: string, { database, instanceName = name, username }: AwsPostgresArgs) {
  return {
    name,
    instanceName,
    database: database ?? defaults.database,
    // Where RDS writes, whatever we would like.
    logGroups: {
      log: `/aws/rds/instance/${instanceName}/postgresql`,
      "upgrade-log": `/aws/rds/instance/${instanceName}/upgrade`,
    },
    username: username ?? defaults.username,
  };
}

function schedule({ backupRetentionDays, maintenanceWindow }: AwsPostgresArgs) {
  const window = windowPlan(maintenanceWindow);
  const backup = backupHour(window);
  return {
    backupRetentionDays: backupRetentionDays ?? defaults.backupRetentionDays,
    backupWindow: `${clock(backup)}-${clock(backup + 1)}`,
    maintenanceWindow: awsWindow(window),
  };
}

function clients({ allowedCidrs, allowedSecurityGroupIds, network, ...args }: AwsPostgresArgs) {
  return {
    allowedCidrs: allowedCidrs ?? [],
    allowedSecurityGroupIds: allowedSecurityGroupIds ?? [],
    networkCidrs: args.networkCidrs ?? [...PRIVATE_RANGES],
    subnetIds: args.subnetIds ?? network.privateSubnetIds,
    vpcId: network.vpcId,
  };
}

function awsPostgresFaults(name: string, args: AwsPostgresArgs, today: Date): Fault[] {
  const extended = args.extendedSupport ?? false;
  return [
    ...managedStoreFaults(name, args, INSTANCE_NAMING.rds),
    ...clientFaults(args, args.allowedSecurityGroupIds?.length),
    ...managedPostgresFaults(args, 35),
    ...awsStoreFaults(args),
    ...awsSizeFaults("db", args.size),
    ...postgresVersionFaults("version", args.version, RDS_CALENDAR, {
      extended,
      minors: true,
      today,
    }),
    ...storageFaults(args.storageGib ?? defaults.storageGib, args.maxStorageGib, 20),
    ...parameterFaults(args.parameters ?? {}),
    ...authorityFaults(args),
  ];
}

function parameterFaults(parameters: Record<string, string>): Fault[] {
  return Object.entries(parameters).flatMap(([key, got]): Fault[] => {
    const path = `parameters.${key}`;
    if (key === "rds.force_ssl" || key === "ssl_min_protocol_version") {
      return [{ path, problem: "TLS is always forced", got, fix: "to leave it out" }];
    }
    if (/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$/.test(key)) return [];
    return [
      { path, problem: "not the name of a parameter", got: key, allowed: "a-z, 0-9, _ and ." },
    ];
  });
}

/** What was given is not shown: it may be a key that lay beside the certificate. */
function authorityFaults({ caCertificate, consumers = [] }: AwsPostgresArgs): Fault[] {
  const path = "caCertificate";
  if (caCertificate === undefined) {
    if (consumers.length === 0) return [];
    const problem = "missing: consumers cannot tell the server from another without it";
    return [{ path, problem, fix: "the bundle of https://truststore.pki.rds.amazonaws.com/" }];
  }
  if (typeof caCertificate !== "string") return [];
  if (/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.test(caCertificate.trim())) {
    return [];
  }
  return [
    { path, problem: "not a certificate in PEM", allowed: "-----BEGIN CERTIFICATE----- ..." },
  ];
}
