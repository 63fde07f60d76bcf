import { remakeable } from "../exceptions";
import { at, type Rule, type RuledResource } from "../resource";
import { isStateful } from "../stateful-kinds";

/**
 * In production what cannot be made again has Pulumi's `protect` and the cloud's own deletion protection. The third
 * guard, `retainOnDelete`, is not shown to policy packs (@pulumi/policy 1.21): the components' tests assert it.
 */
export const statefulGuards: Rule = {
  name: "stateful-guards",
  description:
    "in production data is guarded: option `protect`, and the cloud's own deletion protection",
  productionOnly: true,
  check: (resource) => {
    if (!isStateful(resource.type) || isRemakeable(resource)) return [];
    const guard = cloudGuards[resource.type];
    return [
      ...(resource.protected ? [] : ["it is not protected: set the option `protect`"]),
      ...(guard === undefined || guard.holds(resource.props) ? [] : [guard.problem]),
    ];
  },
};

function isRemakeable({ type, name }: RuledResource): boolean {
  return remakeable.some((one) => one.type === type && one.name.test(name));
}

interface CloudGuard {
  problem: string;
  holds(props: unknown): boolean;
}

function set(...path: string[]): CloudGuard {
  return {
    problem: `${path.join(".")} is not true`,
    holds: (props) => at(props, ...path) === true,
  };
}

function notSet(...path: string[]): CloudGuard {
  return {
    problem: `${path.join(".")} is true`,
    holds: (props) => at(props, ...path) !== true,
  };
}

/** The provider protects where nothing is said. */
const unlessOff: CloudGuard = {
  problem: "deletionProtection is false",
  holds: (props) => at(props, "deletionProtection") !== false,
};

// Types without an entry have no such setting of their own.
const cloudGuards: Readonly<Partial<Record<string, CloudGuard>>> = {
  "aws:dynamodb/table:Table": set("deletionProtectionEnabled"),
  "aws:eks/cluster:Cluster": set("deletionProtection"),
  "aws:rds/cluster:Cluster": set("deletionProtection"),
  "aws:rds/instance:Instance": set("deletionProtection"),
  "aws:s3/bucket:Bucket": notSet("forceDestroy"),
  "aws:s3/bucketV2:BucketV2": notSet("forceDestroy"),
  "azure-native:keyvault:Vault": set("properties", "enablePurgeProtection"),
  "gcp:container/cluster:Cluster": unlessOff,
  "gcp:redis/instance:Instance": unlessOff,
  "gcp:sql/databaseInstance:DatabaseInstance": set("settings", "deletionProtectionEnabled"),
  "gcp:storage/bucket:Bucket": notSet("forceDestroy"),
};
