import type { Input } from "@pulumi/pulumi";
import { type ConsumerPlan, planConsumers } from "../../data-store/consumers";
import { clientFaults, managedStoreFaults } from "../../data-store/managed/faults";
import { gcpStoreFaults } from "../../data-store/managed/gcp-faults";
import type { GcpStorePlan } from "../../data-store/managed/gcp-store";
import { INSTANCE_NAMING } from "../../data-store/managed/instance-name";
import { windowPlan } from "../../data-store/managed/window";
import { isWithin, parseNetwork, PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { wholeNumberFaults } from "../../shared/numbers";
import { EvictionPolicy } from "../args";
import type { GcpRedisArgs } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({ memoryGib: 5, snapshotHours: 1, version: "7.2" });

/** How Memorystore calls the time between snapshots, by hours. */
const PERIODS: Record<string, string> = {
  "1": "ONE_HOUR",
  "6": "SIX_HOURS",
  "12": "TWELVE_HOURS",
  "24": "TWENTY_FOUR_HOURS",
};

/** An instance of Memorystore, with every default filled in. */
export interface GcpRedisPlan extends GcpStorePlan {
  allowedCidrs: string[];
  consumers: ConsumerPlan[];
  evictionPolicy: EvictionPolicy;
  highAvailability: boolean;
  maintenanceWindow: { day: string; hour: number };
  memoryGib: number;
  networkCidrs: string[];
  networkId: Input<string>;
  reservedCidr: string | undefined;
  snapshotPeriod: string;
  /** As in `REDIS_7_2`. */
  version: string;
}

/** Plans an instance of Memorystore, or names everything that is wrong with its arguments. */
export function planGcpRedis(name: string, args: GcpRedisArgs): Planned<GcpRedisPlan> {
  const { day, hour } = windowPlan(args.maintenanceWindow);
  const hours = args.snapshotHours ?? defaults.snapshotHours;
  const version = args.version ?? defaults.version;
  return planned(gcpRedisFaults(name, args), () => ({
    name,
    instanceName: args.instanceName ?? name,
    allowedCidrs: args.allowedCidrs ?? [],
    consumers: planConsumers(name, args.consumers),
    deletionProtection: args.deletionProtection ?? true,
    encryptionKey: args.encryptionKey,
    evictionPolicy: args.evictionPolicy ?? EvictionPolicy.NoEviction,
    highAvailability: args.highAvailability ?? true,
    labels: { ...args.labels, "managed-by": "pulumi", "part-of": "kvm-fabric" },
    maintenanceWindow: { day: day.toUpperCase(), hour },
    memoryGib: args.memoryGib ?? defaults.memoryGib,
    networkCidrs: args.networkCidrs ?? [...PRIVATE_RANGES],
    networkId: args.network.networkId,
    project: args.project,
    region: args.network.region,
    reservedCidr: args.reservedCidr,
    snapshotPeriod: PERIODS[String(hours)] ?? "",
    version: `REDIS_${version.replace(".", "_")}`,
  }));
}

function gcpRedisFaults(name: string, args: GcpRedisArgs): Fault[] {
  const { snapshotHours } = args;
  return [
    ...managedStoreFaults(name, args, INSTANCE_NAMING.memorystore),
    ...clientFaults(args),
    ...gcpStoreFaults(args),
    ...memberFaults("evictionPolicy", args.evictionPolicy, Object.values(EvictionPolicy)),
    ...reservedFaults(args.reservedCidr),
    ...wholeNumberFaults("memoryGib", args.memoryGib, 1, 300),
    ...(snapshotHours !== undefined && PERIODS[String(snapshotHours)] === undefined
      ? [
          {
            path: "snapshotHours",
            problem: "not a time between snapshots",
            got: snapshotHours,
            allowed: "1, 6, 12, 24",
          },
        ]
      : []),
    ...memberFaults("version", args.version, ["7.0", "7.2"]),
  ];
}

function reservedFaults(got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const range = parseNetwork(got);
  if (range?.prefix === 29 && isWithin(range, PRIVATE_RANGES)) return [];
  const problem = "not a private range of eight addresses";
  return [{ path: "reservedCidr", problem, got, allowed: "a /29, as in 10.9.0.0/29" }];
}
