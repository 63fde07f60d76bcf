import { type ConsumerPlan, planConsumers } from "../../data-store/consumers";
import {
  type AzureStorePlan,
  azureStoreFaults,
  azureStorePlan,
} from "../../data-store/managed/azure-plan";
import { managedPostgresFaults, managedStoreFaults } from "../../data-store/managed/faults";
import { INSTANCE_NAMING } from "../../data-store/managed/instance-name";
import {
  FLEXIBLE_SERVER_CALENDAR,
  postgresVersionFaults,
  postgresVersionWarnings,
} from "../../data-store/managed/postgres-versions";
import { windowPlan } from "../../data-store/managed/window";
import { PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import type { AzurePostgresArgs } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  backupRetentionDays: 7,
  database: "app",
  size: "Standard_D2ds_v5",
  storageGib: 128,
  username: "app",
});

/** A Flexible Server, with every default filled in. */
export interface AzurePostgresPlan extends AzureStorePlan {
  allowMajorUpgrade: boolean;
  backupRetentionDays: number;
  consumers: ConsumerPlan[];
  database: string;
  highAvailability: boolean;
  /** Azure counts from 0, Sunday. */
  maintenanceWindow: { dayOfWeek: number; startHour: number };
  networkCidrs: string[];
  parameters: Record<string, string>;
  size: string;
  storageGib: number;
  tier: string;
  username: string;
  version: string;
  warnings: string[];
}

/**
 * Parameters of every server. TLS is forced, and of at least version 1.2; the log tells who came and went, who waited for a
 * lock and what took longer than a second; the query store keeps what queries cost.
 */
const PARAMETERS = Object.freeze({
  require_secure_transport: "on",
  ssl_min_protocol_version: "TLSv1.2",
  log_connections: "on",
  log_disconnections: "on",
  log_lock_waits: "on",
  log_min_duration_statement: "1000",
  "pg_qs.query_capture_mode": "top",
  "pgms_wait_sampling.query_capture_mode": "all",
});

/** Sizes of a Premium SSD in GiB: https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage */
const STORAGE_GIB = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_767];

const TIERS: Record<string, string> = {
  B: "Burstable",
  D: "GeneralPurpose",
  E: "MemoryOptimized",
};

/** Plans a Flexible Server as of a day, or names everything that is wrong with its arguments. */
export function planAzurePostgres(
  name: string,
  args: AzurePostgresArgs,
  today: Date = new Date(),
): Planned<AzurePostgresPlan> {
  const size = args.size ?? defaults.size;
  const window = windowPlan(args.maintenanceWindow);
  return planned(azurePostgresFaults(name, args, today), () => ({
    ...azureStorePlan(name, args),
    allowMajorUpgrade: args.allowMajorUpgrade ?? false,
    backupRetentionDays: args.backupRetentionDays ?? defaults.backupRetentionDays,
    consumers: planConsumers(name, args.consumers),
    database: args.database ?? defaults.database,
    highAvailability: args.highAvailability ?? true,
    maintenanceWindow: { dayOfWeek: (window.dayIndex + 1) % 7, startHour: window.hour },
    networkCidrs: args.networkCidrs ?? [...PRIVATE_RANGES],
    parameters: { ...PARAMETERS, ...args.parameters },
    size,
    storageGib: args.storageGib ?? defaults.storageGib,
    tier: tierOf(size) ?? "",
    username: args.username ?? defaults.username,
    version: args.version,
    warnings: postgresVersionWarnings(args.version, FLEXIBLE_SERVER_CALENDAR, today),
  }));
}

function tierOf(size: string): string | undefined {
  const [, letter = ""] = /^Standard_([BDE])\d+[a-z]*(?:_v\d+)?$/.exec(size) ?? [];
  return TIERS[letter];
}

function azurePostgresFaults(name: string, args: AzurePostgresArgs, today: Date): Fault[] {
  return [
    ...managedStoreFaults(name, args, INSTANCE_NAMING.flexibleServer),
    ...managedPostgresFaults(args, 35),
    ...azureStoreFaults(args),
    ...sizeFaults(args),
    ...postgresVersionFaults("version", args.version, FLEXIBLE_SERVER_CALENDAR, {
      extended: false,
      minors: false,
      today,
    }),
    ...storageFaults(args.storageGib),
    ...parameterFaults(args.parameters ?? {}),
  ];
}

function sizeFaults({ highAvailability = true, size: got = defaults.size }: AzurePostgresArgs) {
  const tier = tierOf(got);
  if (tier === undefined) {
    const allowed = "Standard_B..., Standard_D... or Standard_E..., as in Standard_D2ds_v5";
    return [{ path: "size", problem: "not a compute size of Flexible Server", got, allowed }];
  }
  if (tier !== "Burstable" || !highAvailability) return [];
  const problem = "too small: Azure gives burstable servers no second copy";
  const fix = `${defaults.size}, or highAvailability: false`;
  return [{ path: "size", problem, got, fix }];
}

function storageFaults(got: number | undefined): Fault[] {
  if (got === undefined || STORAGE_GIB.includes(got)) return [];
  const problem = "not a size of Azure's Premium SSD";
  return [{ path: "storageGib", problem, got, allowed: STORAGE_GIB.join(", ") }];
}

function parameterFaults(parameters: Record<string, string>): Fault[] {
  return Object.entries(parameters).flatMap(([key, got]): Fault[] => {
    const path = `parameters.${key}`;
    if (key === "require_secure_transport" || key === "ssl_min_protocol_version") {
      return [{ path, problem: "TLS is always forced", got, fix: "to leave it out" }];
    }
    if (/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$/.test(key)) return [];
    return [{ path, problem: "not the name of a parameter", got: key }];
  });
}
