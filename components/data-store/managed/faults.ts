import { allowListFaults } from "../../cluster/allow-list";
import { Weekday } from "../../cluster/weekday";
import { isWithin, parseCidr, PRIVATE_RANGES } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { nameFaults } from "../../shared/names";
import { wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import { dataStoreConsumerFaults } from "../consumers";
import type { ManagedPostgresArgs, ManagedStoreArgs } from "./args";
import { instanceNameFaults, type InstanceNaming } from "./instance-name";

/** Private ranges beside those of RFC 1918: carriers' ranges, in which clouds put pods. */
const CLIENT_RANGES = [...PRIVATE_RANGES, "100.64.0.0/10"];

/** Finds what is wrong with the arguments that every managed store has. */
export function managedStoreFaults(
  name: string,
  args: ManagedStoreArgs,
  naming: InstanceNaming,
): Fault[] {
  const { day, hour } = args.maintenanceWindow ?? {};
  return [
    ...storeNameFaults(name, args, naming),
    ...rangeFaults("allowedCidrs", args.allowedCidrs ?? []),
    ...dataStoreConsumerFaults(name, args.consumers ?? []),
    ...memberFaults("maintenanceWindow.day", day, Object.values(Weekday)),
    ...wholeNumberFaults("maintenanceWindow.hour", hour, 0, 23),
    ...rangeFaults("networkCidrs", args.networkCidrs ?? []),
    ...(args.networkCidrs?.length === 0
      ? [{ path: "networkCidrs", problem: "empty", fix: "to leave it out" }]
      : []),
  ];
}

/** A store that nobody is let to is of no use, and the next step would be a range that is too wide. */
export function clientFaults({ allowedCidrs = [] }: ManagedStoreArgs, others = 0): Fault[] {
  if (allowedCidrs.length + others > 0) return [];
  const problem = "names no client, so nobody could reach the store";
  return [{ path: "allowedCidrs", problem, fix: "the range that pods or their nodes call from" }];
}

/** Consumers' Secrets are called after the component, whatever its cloud calls the store. */
function storeNameFaults(
  name: string,
  { instanceName }: ManagedStoreArgs,
  naming: InstanceNaming,
): Fault[] {
  const faults = nameFaults("name", name);
  if (instanceName === undefined && faults.length > 0) return faults;
  return [...faults, ...instanceNameFaults(name, instanceName, naming)];
}

/** Ranges of a store that has no public address: a public one could only be a mistake. */
function rangeFaults(path: string, cidrs: readonly string[]): Fault[] {
  const faults = allowListFaults(path, cidrs);
  if (faults.length > 0) return faults;
  return cidrs.flatMap((got, index) => {
    const range = parseCidr(got);
    if (range === undefined || isWithin(range, CLIENT_RANGES)) return [];
    const problem = "a public range, and the store has no public address";
    return [{ path: `${path}[${String(index)}]`, problem, got, allowed: CLIENT_RANGES.join(", ") }];
  });
}

/** Names that the clouds keep for themselves as a user's, and what Postgres itself does. */
const RESERVED_USERS = [
  "admin",
  "administrator",
  "azure_pg_admin",
  "azure_superuser",
  "azuresu",
  "cloudsqladmin",
  "cloudsqlagent",
  "cloudsqlsuperuser",
  "guest",
  "postgres",
  "public",
  "rdsadmin",
  "rdsrepladmin",
  "replication",
  "root",
  "user",
];

/** Databases that each server or each cloud has already. */
const RESERVED_DATABASES = [
  "azure_maintenance",
  "azure_sys",
  "cloudsqladmin",
  "postgres",
  "rdsadmin",
  "template0",
  "template1",
];

/** Finds what is wrong with names and days of a managed Postgres; the cloud's own limits are its own planner's. */
export function managedPostgresFaults(
  args: ManagedPostgresArgs,
  mostRetentionDays: number,
): Fault[] {
  return [
    ...wholeNumberFaults("backupRetentionDays", args.backupRetentionDays, 7, mostRetentionDays),
    ...wordFaults("database", args.database, RESERVED_DATABASES),
    ...wordFaults("username", args.username, RESERVED_USERS),
  ];
}

function wordFaults(path: string, got: string | undefined, reserved: readonly string[]): Fault[] {
  if (got !== undefined && (reserved.includes(got) || got.startsWith("pg_"))) {
    return [{ path, problem: "a name that Postgres or a cloud keeps for itself", got }];
  }
  const allowed = "a-z, 0-9 and _, first a letter, at most 63 characters";
  return patternFaults(path, got, /^[a-z][a-z0-9_]{0,62}$/, "needs quotes in SQL", allowed);
}
