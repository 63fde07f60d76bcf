import { awsType } from "./aws/references";
import type { Cloud } from "./cloud";
import { textAt } from "./paths";
import type { WorldObject } from "./world";

/** How IAM refuses a second one, by the operation and in the words that its users report. */
const IAM: Readonly<Record<string, [operation: string, words: (object: WorldObject) => string]>> = {
  // terraform-aws-modules/terraform-aws-ecs#363
  [awsType("iam/role")]: ["CreateRole", (role) => `Role with name ${nameOf(role)} already exists.`],
  // konstructio/kubefirst#855
  [awsType("iam/policy")]: [
    "CreatePolicy",
    (policy) =>
      `A policy called ${nameOf(policy)} already exists. Duplicate names are not allowed.`,
  ],
  // ine-labs/AWSGoat#49
  [awsType("iam/instanceProfile")]: [
    "CreateInstanceProfile",
    (profile) => `Instance Profile ${nameOf(profile)} already exists.`,
  ],
  // DrFaust92/terraform-kubernetes-ebs-csi-driver#107
  [awsType("iam/openIdConnectProvider")]: [
    "CreateOpenIDConnectProvider",
    ({ inputs }) => `Provider with url ${textAt(inputs, "url")} already exists.`,
  ],
};

/** What a cloud answers to the creation of what is there already. */
export function alreadyThere(cloud: Cloud, object: WorldObject): string {
  if (cloud.name === "gcp") {
    return `googleapi: Error 409: Already exists: ${object.id}., alreadyExists`;
  }
  if (cloud.name !== "aws") return `cannot create already existing resource '${object.id}'`;
  const iam = IAM[object.type];
  if (iam !== undefined) {
    const [operation, words] = iam;
    const status = "https response error StatusCode: 409, RequestID: simulated";
    return `operation error IAM: ${operation}, ${status}, EntityAlreadyExists: ${words(object)}`;
  }
  switch (object.type) {
    case awsType("eks/cluster"):
      return `api error ResourceInUseException: Cluster already exists with name: ${object.id}`;
    // aws-robotics/cloudwatchlogs-ros1#1
    case awsType("cloudwatch/logGroup"):
      return "api error ResourceAlreadyExistsException: The specified log group already exists";
    default:
      return `api error AlreadyExists: ${object.id} already exists`;
  }
}

function nameOf({ state }: WorldObject): string {
  return textAt(state, "name");
}
