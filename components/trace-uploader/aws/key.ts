import { Alias } from "@pulumi/aws/kms/alias";
import { Key } from "@pulumi/aws/kms/key";
import { KeyPolicy } from "@pulumi/aws/kms/keyPolicy";
import * as pulumi from "@pulumi/pulumi";
import { type Arn, parseArn } from "../../cluster/aws/arn";
import { logsKeyPolicy } from "../../cluster/aws/logs-key";
import { dataGuard } from "../../shared/data-guard";
import type { AwsTraceUploaderPlan } from "./plan";

/** The key of bucket, secret and logs. */
export interface UploaderKey {
  arn: pulumi.Output<string>;
  /** What must be there before it is used; empty for a key of the user's. */
  before: pulumi.Resource[];
  /** Partition, region and account of it, and thus of all else. */
  place: pulumi.Output<Arn>;
}

/** Creates the key, unless the user brings one. Guarded as data: without it, nothing of the archive can be read. */
export function createKey(parent: pulumi.Resource, plan: AwsTraceUploaderPlan): UploaderKey {
  const { encryptionKeyArn, name, names, tags } = plan;
  if (encryptionKeyArn !== undefined) {
    const arn = pulumi.output(encryptionKeyArn);
    return { arn, before: [], place: arn.apply(parseArn) };
  }
  const options = { parent, ...dataGuard(plan.deletionProtection) };
  const key = new Key(
    `${name}-key`,
    {
      description: `Traces that ${names.function} moves, its identity and its logs`,
      deletionWindowInDays: 30,
      enableKeyRotation: true,
      tags: { ...tags, Name: names.function },
    },
    options,
  );
  new Alias(`${name}-key`, { name: names.keyAlias, targetKeyId: key.keyId }, options);
  const policy = new KeyPolicy(
    `${name}-key`,
    { keyId: key.keyId, policy: key.arn.apply((arn) => keyPolicy(arn, names.logGroup)) },
    options,
  );
  return { arn: key.arn, before: [policy], place: key.arn.apply(parseArn) };
}

/** Policy of the key: as CloudWatch Logs' guide has it, but each action of the log group's by its name. */
export function keyPolicy(keyArn: string, logGroup: string): string {
  const actions = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ];
  return logsKeyPolicy(keyArn, { sid: "LogsOfTheUploader", groups: logGroup, actions });
}
