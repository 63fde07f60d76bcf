import type { Reference, ReferenceTable } from "../references";

/** The type token of a resource: `compute/network` is `gcp:compute/network:Network`. */
export function gcpType(short: string): string {
  const own = short.split("/").at(-1) ?? "";
  return `gcp:${short}:${own.charAt(0).toUpperCase()}${own.slice(1)}`;
}

// What refers, by which property, to what; "!" before the target: it cannot be deleted meanwhile.
const ROWS: readonly [string, string, string, ...string[]][] = [
  ["compute/subnetwork", "network", "!compute/network"],
  ["compute/router", "network", "!compute/network"],
  ["compute/routerNat", "router", "compute/router", "region"],
  ["compute/routerNat", "subnetworks[*].name", "!compute/subnetwork"],
  ["compute/routerNat", "natIps[*]", "!compute/address"],
  ["compute/firewall", "network", "!compute/network"],
  ["compute/route", "network", "!compute/network"],
  ["compute/globalAddress", "network", "!compute/network"],
  ["compute/address", "subnetwork", "!compute/subnetwork"],
  ["compute/forwardingRule", "ipAddress", "!compute/address"],
  ["compute/forwardingRule", "network", "!compute/network"],
  ["dns/managedZone", "privateVisibilityConfig.networks[*].networkUrl", "!compute/network"],
  ["dns/recordSet", "managedZone", "!dns/managedZone"],
  ["redis/instance", "authorizedNetwork", "!compute/network"],
  ["redis/instance", "customerManagedKey", "kms/cryptoKey"],
  ["secretmanager/secretVersion", "secret", "secretmanager/secret"],
  ["sql/database", "instance", "sql/databaseInstance"],
  ["sql/databaseInstance", "encryptionKeyName", "kms/cryptoKey"],
  ["sql/user", "instance", "sql/databaseInstance"],
  ["servicenetworking/connection", "network", "!compute/network"],
  ["servicenetworking/connection", "reservedPeeringRanges[*]", "!compute/globalAddress"],
  ["container/cluster", "network", "!compute/network"],
  ["container/cluster", "subnetwork", "!compute/subnetwork"],
  ["container/cluster", "databaseEncryption.keyName", "kms/cryptoKey"],
  ["container/cluster", "nodeConfig.serviceAccount", "serviceaccount/account"],
  ["container/nodePool", "cluster", "container/cluster", "location"],
  ["container/nodePool", "nodeConfig.serviceAccount", "serviceaccount/account"],
  ["container/nodePool", "nodeConfig.bootDiskKmsKey", "kms/cryptoKey"],
  ["kms/cryptoKey", "keyRing", "kms/keyRing"],
  ["kms/cryptoKeyIAMMember", "cryptoKeyId", "kms/cryptoKey"],
  ["serviceaccount/iAMMember", "serviceAccountId", "serviceaccount/account"],
  ["serviceaccount/key", "serviceAccountId", "serviceaccount/account"],
];

const references: Reference[] = ROWS.map(([from, path, target, ...same]) => ({
  from: gcpType(from),
  path,
  to: gcpType(target.replace(/^!/, "")),
  blocks: target.startsWith("!"),
  same,
}));

/** What refers to what on Google Cloud, and the errors of the API where that is wrong. */
export const gcpReferences: ReferenceTable = {
  references,
  // The default service accounts and network that each project has.
  brought: [],
  given: [/@developer\.gserviceaccount\.com$/, /^default$/],
  fallback: {
    missing: "googleapi: Error 404: The resource '{value}' was not found, notFound",
    inUse:
      "googleapi: Error 400: The resource '{id}' is already being used by '{holder}', resourceInUseByAnotherResource",
  },
  refusals: {
    [gcpType("compute/network")]: {
      inUse:
        "Error waiting for Deleting Network: The network resource '{id}' is already being used by '{holder}'",
    },
    [gcpType("serviceaccount/account")]: {
      missing: 'googleapi: Error 400: Service account "{value}" does not exist., badRequest',
    },
    [gcpType("container/cluster")]: {
      missing: "googleapi: Error 404: Not found: {value}., notFound",
    },
  },
};
