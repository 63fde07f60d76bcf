/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  diskGib: 50,
  instanceType: "m6i.large",
  logRetentionDays: 90,
  serviceCidr: "172.20.0.0/16",
  servicesPool: Object.freeze({ maxNodes: 6, minNodes: 3 }),
  systemPool: Object.freeze({ maxNodes: 4, minNodes: 2 }),
});
