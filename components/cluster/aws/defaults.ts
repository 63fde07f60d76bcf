/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  diskGib: 50,
  instanceTypes: Object.freeze({ amd64: "m6i.large", arm64: "m6g.large" }),
  logRetentionDays: 90,
  serviceCidr: "172.20.0.0/16",
  servicesPool: Object.freeze({ maxNodes: 6, minNodes: 3 }),
  systemPool: Object.freeze({ maxNodes: 4, minNodes: 2 }),
});
