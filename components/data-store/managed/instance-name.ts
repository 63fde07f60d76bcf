import type { Fault } from "../../shared/faults";

/** A service that runs stores, and the longest name that it takes, with whatever is put behind it. */
export interface InstanceNaming {
  service: string;
  longest: number;
}

/**
 * The services' limits on names. Cloud SQL's is that of an endpoint, `NAME-endpoint` (63); the two of Azure have nine
 * characters behind the name (63 and 60).
 *
 * Sources: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html,
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html,
 * https://cloud.google.com/compute/docs/naming-resources,
 * https://cloud.google.com/memorystore/docs/redis/reference/rest/v1/projects.locations.instances/create,
 * https://learn.microsoft.com/rest/api/postgresql/servers/create-or-update, and the `clusterName` of
 * `azure-native.redisenterprise.RedisEnterprise`
 */
export const INSTANCE_NAMING = Object.freeze({
  rds: { service: "RDS", longest: 63 },
  elastiCache: { service: "ElastiCache", longest: 40 },
  cloudSql: { service: "Cloud SQL", longest: 54 },
  memorystore: { service: "Memorystore", longest: 40 },
  flexibleServer: { service: "Flexible Server", longest: 54 },
  managedRedis: { service: "Azure Managed Redis", longest: 51 },
}) satisfies Record<string, InstanceNaming>;

/** Checks the name of a store in its cloud: its own, or the component's logical one where it has none. */
export function instanceNameFaults(
  name: string,
  instanceName: string | undefined,
  { longest, service }: InstanceNaming,
): Fault[] {
  const got = instanceName ?? name;
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(got) && got.length <= longest) return [];
  return [
    {
      path: instanceName === undefined ? "name" : "instanceName",
      problem: `not a name for an instance of ${service}`,
      got,
      allowed: `a-z, 0-9 and single dashes, first a letter, last not a dash, at most ${String(longest)} characters`,
      ...(instanceName === undefined && { fix: "another in instanceName" }),
    },
  ];
}
