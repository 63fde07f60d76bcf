import { Weekday } from "../weekday";

/** Longest name of an AKS cluster. */
export const LONGEST_CLUSTER_NAME = 63;

/** Longest beginning of an API server's DNS name. */
export const LONGEST_DNS_PREFIX = 54;

/** Longest name of the group that AKS makes for machines and disks. */
export const LONGEST_NODE_GROUP_NAME = 80;

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  imageCleanerHours: 48,
  maintenance: Object.freeze({ day: Weekday.Saturday, durationHours: 6, startHour: 1 }),
  podCidr: "10.244.0.0/16",
  retentionDays: 90,
  serviceCidr: "172.16.0.0/16",
  pool: Object.freeze({
    diskGib: 128,
    maxNodes: 6,
    maxPodsPerNode: 110,
    minNodes: 3,
    vmSize: "Standard_D4s_v5",
  }),
  zones: Object.freeze(["1", "2", "3"]),
});
