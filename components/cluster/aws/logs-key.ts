import { parseArn, serviceSuffix } from "./arn";
import { policyDocument } from "../../shared/iam-statement";

/** What CloudWatch Logs does with a key, as its guide has it. */
const LOGS_ACTIONS = [
  "kms:Decrypt",
  "kms:Describe*",
  "kms:Encrypt",
  "kms:GenerateDataKey*",
  "kms:ReEncrypt*",
];

/** The use that CloudWatch Logs makes of a key. */
export interface LogsUse {
  /** Name of the statement. */
  sid: string;
  /** Name of the one log group, or names of several. */
  groups: string | string[];
  /** What it may do. Defaults to what the guide of CloudWatch Logs has. */
  actions?: string[];
}

/**
 * Policy of a key: its account administers it, through which who makes what the key encrypts may hand it on; CloudWatch
 * Logs of its region uses it for the log groups alone.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function logsKeyPolicy(
  keyArn: string,
  { actions = LOGS_ACTIONS, groups, sid }: LogsUse,
): string {
  const { account, partition, region } = parseArn(keyArn);
  const arnOf = (group: string) => `arn:${partition}:logs:${region}:${account}:log-group:${group}`;
  const arns = typeof groups === "string" ? arnOf(groups) : groups.map(arnOf);
  return policyDocument([
    {
      Sid: "AccountAdministers",
      Effect: "Allow",
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: `logs.${region}.${serviceSuffix(partition)}` },
      Action: actions,
      Resource: "*",
      Condition: { ArnEquals: { "kms:EncryptionContext:aws:logs:arn": arns } },
    },
  ]);
}
