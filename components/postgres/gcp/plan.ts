import type { Input } from "@pulumi/pulumi";
import { type ConsumerPlan, planConsumers } from "../../data-store/consumers";
import {
  clientFaults,
  managedPostgresFaults,
  managedStoreFaults,
} from "../../data-store/managed/faults";
import type { GcpClients } from "../../data-store/managed/gcp-clients";
import { gcpStoreFaults } from "../../data-store/managed/gcp-faults";
import type { GcpStorePlan } from "../../data-store/managed/gcp-store";
import { INSTANCE_NAMING } from "../../data-store/managed/instance-name";
import {
  CLOUD_SQL_CALENDAR,
  postgresVersionFaults,
  postgresVersionWarnings,
} from "../../data-store/managed/postgres-versions";
import { mostStorageGib, storageFaults } from "../../data-store/managed/storage";
import { backupHour, clock, windowPlan } from "../../data-store/managed/window";
import { PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import type { GcpPostgresArgs } from "./args";
import { isEnterprisePlus, sizeFaults } from "./sizes";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  backupRetentionDays: 7,
  database: "app",
  size: "db-perf-optimized-N-2",
  storageGib: 100,
  username: "app",
});

/** A Cloud SQL instance, with every default filled in. */
export interface GcpPostgresPlan extends GcpStorePlan, GcpClients {
  allowMajorUpgrade: boolean;
  backupRetentionDays: number;
  /** As in `07:00`, UTC. */
  backupTime: string;
  consumers: ConsumerPlan[];
  database: string;
  edition: string;
  highAvailability: boolean;
  /** Cloud SQL counts from 1, Monday. */
  maintenanceWindow: { day: number; hour: number };
  maxStorageGib: number;
  networkCidrs: string[];
  parameters: Record<string, string>;
  size: string;
  storageGib: number;
  subnetworkId: Input<string>;
  username: string;
  version: string;
  warnings: string[];
}

/**
 * Flags of every database: the log tells who came and went, who waited for a lock and what took longer than a second; who
 * has an IAM identity may be given a login by it.
 */
const PARAMETERS = Object.freeze({
  "cloudsql.iam_authentication": "on",
  log_connections: "on",
  log_disconnections: "on",
  log_lock_waits: "on",
  log_min_duration_statement: "1000",
});

/** Plans a Cloud SQL instance as of a day, or names everything that is wrong with its arguments. */
export function planGcpPostgres(
  name: string,
  args: GcpPostgresArgs,
  today: Date = new Date(),
): Planned<GcpPostgresPlan> {
  const size = args.size ?? defaults.size;
  const storageGib = args.storageGib ?? defaults.storageGib;
  return planned(gcpPostgresFaults(name, args, today), () => ({
    ...place(args),
    ...schedule(args),
    name,
    instanceName: args.instanceName ?? name,
    allowedCidrs: args.allowedCidrs ?? [],
    allowMajorUpgrade: args.allowMajorUpgrade ?? false,
    consumers: planConsumers(name, args.consumers),
    database: args.database ?? defaults.database,
    deletionProtection: args.deletionProtection ?? true,
    edition: isEnterprisePlus(size) ? "ENTERPRISE_PLUS" : "ENTERPRISE",
    encryptionKey: args.encryptionKey,
    highAvailability: args.highAvailability ?? true,
    labels: { ...args.labels, "managed-by": "pulumi", "part-of": "kvm-fabric" },
    maxStorageGib: mostStorageGib(storageGib, args.maxStorageGib),
    parameters: { ...PARAMETERS, ...args.parameters },
    size,
    storageGib,
    username: args.username ?? defaults.username,
    version: args.version,
    warnings: postgresVersionWarnings(args.version, CLOUD_SQL_CALENDAR, today),
  }));
}

function place({ network, networkCidrs, project }: GcpPostgresArgs) {
  const { networkId, region, subnetworkId } = network;
  return {
    networkCidrs: networkCidrs ?? [...PRIVATE_RANGES],
    networkId,
    project,
    region,
    subnetworkId,
  };
}

function schedule({ backupRetentionDays, maintenanceWindow }: GcpPostgresArgs) {
  const window = windowPlan(maintenanceWindow);
  return {
    backupRetentionDays: backupRetentionDays ?? defaults.backupRetentionDays,
    backupTime: clock(backupHour(window)),
    maintenanceWindow: { day: window.dayIndex + 1, hour: window.hour },
  };
}

function gcpPostgresFaults(name: string, args: GcpPostgresArgs, today: Date): Fault[] {
  const { parameters = {}, size = defaults.size, storageGib = defaults.storageGib } = args;
  return [
    ...managedStoreFaults(name, args, INSTANCE_NAMING.cloudSql),
    ...clientFaults(args),
    ...managedPostgresFaults(args, isEnterprisePlus(size) ? 35 : 7),
    ...gcpStoreFaults(args),
    ...sizeFaults(size),
    ...postgresVersionFaults("version", args.version, CLOUD_SQL_CALENDAR, {
      extended: args.extendedSupport ?? false,
      minors: false,
      today,
    }),
    ...storageFaults(storageGib, args.maxStorageGib, 10),
    ...Object.keys(parameters).flatMap((got) =>
      /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$/.test(got)
        ? []
        : [{ path: `parameters.${got}`, problem: "not the name of a flag", got }],
    ),
  ];
}
