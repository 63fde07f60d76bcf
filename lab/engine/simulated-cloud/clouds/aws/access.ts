import { type CloudKind, REPEATED } from "../cloud-kind";
import { textAt } from "../paths";
import { awsType } from "./references";

/** Identities, keys, queues, logs and buckets of AWS. */
export const awsAccess: Readonly<Record<string, CloudKind>> = {
  [awsType("iam/role")]: {
    id: "{name}",
    isGlobal: true,
    outputs: {
      arn: ({ config, inputs }) =>
        `arn:${config.partition}:iam::${config.account}:role${pathOf(inputs.path)}${textAt(inputs, "name")}`,
      uniqueId: ({ hex }) => `AROA${hex(17).toUpperCase()}`,
      createDate: "{now}",
    },
    defaults: { forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" },
    ...policy("assumeRolePolicy", 2048),
  },
  [awsType("iam/policy")]: {
    id: ({ config, inputs }) =>
      `arn:${config.partition}:iam::${config.account}:policy${pathOf(inputs.path)}${textAt(inputs, "name")}`,
    isGlobal: true,
    outputs: { arn: "{id}", policyId: ({ hex }) => `ANPA${hex(17).toUpperCase()}` },
    defaults: { path: "/" },
    ...policy("policy", 6144),
  },
  [awsType("iam/rolePolicy")]: {
    id: "{role}:{name}",
    isGlobal: true,
    ...policy("policy", 10240),
  },
  [awsType("iam/rolePolicyAttachment")]: { id: "{role}/{policyArn}", isGlobal: true },
  [awsType("iam/instanceProfile")]: {
    id: "{name}",
    isGlobal: true,
    outputs: {
      arn: ({ config, inputs }) =>
        `arn:${config.partition}:iam::${config.account}:instance-profile${pathOf(inputs.path)}${textAt(inputs, "name")}`,
      uniqueId: ({ hex }) => `AIPA${hex(17).toUpperCase()}`,
      createDate: "{now}",
    },
    defaults: { path: "/" },
  },
  [awsType("iam/openIdConnectProvider")]: {
    id: ({ config, inputs }) =>
      `arn:${config.partition}:iam::${config.account}:oidc-provider/${textAt(inputs, "url").replace("https://", "")}`,
    isGlobal: true,
    outputs: { arn: "{id}", "thumbprintLists[*]": "{hex:40}" },
  },
  [awsType("kms/key")]: {
    id: "{uuid}",
    outputs: { arn: "arn:{partition}:kms:{region}:{account}:key/{id}", keyId: "{id}" },
    defaults: {
      bypassPolicyLockoutSafetyCheck: false,
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      isEnabled: true,
      keyUsage: "ENCRYPT_DECRYPT",
    },
    ...policy("policy", 32768),
  },
  [awsType("kms/keyPolicy")]: { id: "{keyId}", ...policy("policy", 32768) },
  [awsType("kms/alias")]: {
    id: "{name}",
    outputs: {
      arn: "arn:{partition}:kms:{region}:{account}:{name}",
      targetKeyArn: "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}",
    },
    check: ({ name }) =>
      typeof name === "string" && !name.startsWith("alias/")
        ? [{ property: "name", reason: `must begin with "alias/", got ${JSON.stringify(name)}` }]
        : [],
  },
  [awsType("cloudwatch/logGroup")]: {
    id: "{name}",
    outputs: { arn: "arn:{partition}:logs:{region}:{account}:log-group:{name}" },
    defaults: { retentionInDays: 0, skipDestroy: false },
  },
  [awsType("cloudwatch/eventRule")]: {
    id: "{name}",
    outputs: { arn: "arn:{partition}:events:{region}:{account}:rule/{name}" },
    defaults: { eventBusName: "default", forceDestroy: false },
  },
  [awsType("cloudwatch/eventTarget")]: {
    id: ({ inputs, hex }) =>
      `${textAt(inputs, "rule")}-${textAt(inputs, "targetId") || `terraform-${hex(26)}`}`,
    defaults: { eventBusName: "default", forceDestroy: false },
  },
  // A secret waits for its deletion: docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
  [awsType("secretsmanager/secret")]: {
    id: "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{hex:6}",
    outputs: { arn: "{id}" },
    nameStays: {
      by: "name",
      seconds: ({ recoveryWindowInDays }) => Number(recoveryWindowInDays ?? 30) * 86_400,
      refusal:
        "api error InvalidRequestException: You can't create this secret because a secret with this name is already " +
        "scheduled for deletion.",
    },
  },
  [awsType("sqs/queue")]: {
    // internal/service/sqs/queue.go of the provider: it repeats after QueueDeletedRecently.
    nameStays: { days: 60 / 86_400, note: REPEATED },
    id: "https://sqs.{region}.amazonaws.com/{account}/{name}",
    outputs: { arn: "arn:{partition}:sqs:{region}:{account}:{name}", url: "{id}" },
    defaults: {
      contentBasedDeduplication: false,
      delaySeconds: 0,
      fifoQueue: false,
      maxMessageSize: 262144,
      messageRetentionSeconds: 345600,
      receiveWaitTimeSeconds: 0,
      visibilityTimeoutSeconds: 30,
    },
  },
  [awsType("sqs/queuePolicy")]: { id: "{queueUrl}", autoname: "" },
  [awsType("s3/bucket")]: {
    id: "{bucket}",
    isGlobal: true,
    autoname: "bucket",
    outputs: {
      arn: "arn:{partition}:s3:::{bucket}",
      bucketDomainName: "{bucket}.s3.amazonaws.com",
      bucketRegionalDomainName: "{bucket}.s3.{region}.amazonaws.com",
      hostedZoneId: "Z3AQBSTGFYJSTF",
    },
    defaults: { forceDestroy: false },
  },
  [awsType("s3/bucketPolicy")]: { id: "{bucket}" },
  [awsType("s3/bucketPublicAccessBlock")]: { id: "{bucket}" },
  [awsType("s3/bucketVersioning")]: { id: "{bucket}" },
};

function pathOf(path: unknown): string {
  return typeof path === "string" ? path : "/";
}

// The provider refuses a policy that is no JSON at preview; a too long one only the API refuses, which counts all
// characters but white space.
function policy(property: string, limit: number): Pick<CloudKind, "check" | "refuses"> {
  return {
    check: ({ [property]: value }) => {
      if (typeof value !== "string" || isJson(value)) return [];
      return [{ property, reason: `contains an invalid JSON policy: ${value.slice(0, 60)}` }];
    },
    refuses: (_, { inputs }, step) => {
      const length = textAt(inputs, property).replace(/\s/g, "").length;
      if (step === "delete" || length <= limit) return undefined;
      return `api error LimitExceeded: Cannot exceed quota for PolicySize: ${limit}, got ${length}`;
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
