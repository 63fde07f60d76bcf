import type { Properties } from "../../../grpc/wire";
import type { CloudKind, Scene } from "../cloud-kind";
import { textAt } from "../paths";
import type { WorldObject } from "../world";
import { awsType } from "./references";

// A change that is not asked for at once waits for the window, and with the version the parameters of its family.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
function waits(before: Properties, inputs: Properties): readonly string[] {
  const changes = before.engineVersion !== inputs.engineVersion;
  if (!changes || inputs.applyImmediately === true) return [];
  return ["engineVersion", "parameterGroupName"];
}

const major = (inputs: Properties) => textAt(inputs, "engineVersion").split(".")[0];

// hashicorp/terraform#8471
function upgradeFault({ world }: Scene, { id, inputs, scope, type }: WorldObject) {
  const before = world.find(type, scope, id);
  const isMajor = before !== undefined && major(before.inputs) !== major(inputs);
  if (!isMajor || inputs.allowMajorVersionUpgrade === true) return undefined;
  return (
    "api error InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a " +
    "new major version."
  );
}

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html#USER_DeleteInstance.DeletionProtection
function protectedFault({ inputs }: WorldObject) {
  if (inputs.deletionProtection !== true) return undefined;
  return (
    "api error InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection " +
    "and try again."
  );
}

/** Databases and caches of AWS. */
export const awsDataStores: Readonly<Record<string, CloudKind>> = {
  [awsType("rds/instance")]: {
    id: "{identifier}",
    outputs: {
      address: "{identifier}.{hex:12}.{region}.rds.amazonaws.com",
      arn: "arn:{partition}:rds:{region}:{account}:db:{identifier}",
      endpoint: "{identifier}.{hex:12}.{region}.rds.amazonaws.com:5432",
      engineVersionActual: "{engineVersion}",
      resourceId: ({ hex }) => `db-${hex(26).toUpperCase()}`,
      status: () => "available",
    },
    autoname: "identifier",
    refuses: (scene, object, step) => {
      if (step === "delete") return protectedFault(object);
      return step === "update" ? upgradeFault(scene, object) : undefined;
    },
    waits,
  },
  // A secret goes with all its versions, at once or after its days, in which its name stays taken:
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
  [awsType("secretsmanager/secret")]: {
    id: ({ config, hex, inputs }) =>
      `arn:${config.partition}:secretsmanager:${config.region}:${config.account}:secret:${textAt(inputs, "name")}-${hex(6)}`,
    outputs: { arn: "{id}" },
    nameStays: {
      by: "name",
      seconds: ({ recoveryWindowInDays: days = 30 }) => 86_400 * Number(days),
      refusal:
        "api error InvalidRequestException: You can't create this secret because a secret with this name is already " +
        "scheduled for deletion.",
    },
    removed: ({ world }, { id }) => {
      for (const version of world.all(awsType("secretsmanager/secretVersion"))) {
        if (version.inputs.secretId === id) world.remove(version);
      }
      return Promise.resolve();
    },
  },
  [awsType("secretsmanager/secretVersion")]: { id: "{secretId}|terraform-{hex:26}" },
  [awsType("rds/parameterGroup")]: {
    id: "{name}",
    outputs: { arn: "arn:{partition}:rds:{region}:{account}:pg:{name}" },
  },
  [awsType("rds/subnetGroup")]: {
    id: "{name}",
    outputs: { arn: "arn:{partition}:rds:{region}:{account}:subgrp:{name}" },
  },
  [awsType("elasticache/replicationGroup")]: {
    id: "{replicationGroupId}",
    outputs: {
      arn: "arn:{partition}:elasticache:{region}:{account}:replicationgroup:{id}",
      engineVersionActual: "{engineVersion}",
      primaryEndpointAddress: "master.{replicationGroupId}.{hex:6}.{region}.cache.amazonaws.com",
      readerEndpointAddress: "replica.{replicationGroupId}.{hex:6}.{region}.cache.amazonaws.com",
    },
    autoname: "",
    waits,
  },
  [awsType("elasticache/parameterGroup")]: {
    id: "{name}",
    outputs: { arn: "arn:{partition}:elasticache:{region}:{account}:parametergroup:{name}" },
  },
  [awsType("elasticache/subnetGroup")]: {
    id: "{name}",
    outputs: { arn: "arn:{partition}:elasticache:{region}:{account}:subnetgroup:{name}" },
  },
};
