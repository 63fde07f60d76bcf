/** Longest name of a GKE cluster. */
export const LONGEST_CLUSTER_NAME = 40;

/** Longest id of a service account. */
export const LONGEST_ACCOUNT_ID = 30;

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  keyRotationDays: 90,
  /** What the control plane and the system write; audit logs are Cloud Audit Logs', which are always on. */
  logComponents: Object.freeze([
    "SYSTEM_COMPONENTS",
    "APISERVER",
    "CONTROLLER_MANAGER",
    "SCHEDULER",
  ]),
  pool: Object.freeze({
    diskGib: 50,
    machineType: "e2-standard-4",
    maxNodes: 6,
    maxPodsPerNode: 64,
    minNodes: 3,
  }),
});
