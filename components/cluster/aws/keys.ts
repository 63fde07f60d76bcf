import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import type { AwsClusterPlan } from "./plan";
import { keyPolicy } from "./policies";

/** The key of Secrets and logs, and what must be there before it is used. */
export interface ClusterKey {
  arn: pulumi.Output<string>;
  /** Empty for a key of the user's. */
  before: pulumi.Resource[];
}

/**
 * Creates the key, unless the user brings one. Its policy follows in a resource of its own, since account and region
 * are told by the key's ARN. Guarded like data: without the key, neither Secrets nor logs can be read.
 */
export function createKey(parent: pulumi.Resource, plan: AwsClusterPlan): ClusterKey {
  const { encryptionKeyArn, name, names, tags } = plan;
  if (encryptionKeyArn !== undefined) return { arn: pulumi.output(encryptionKeyArn), before: [] };
  const options = { parent, ...dataGuard(plan.deletionProtection) };
  const key = new kms.Key(
    `${name}-key`,
    {
      description: `Secrets and logs of the EKS cluster ${names.cluster}`,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      tags: { ...tags, Name: names.cluster },
    },
    options,
  );
  new kms.Alias(`${name}-key`, { name: names.keyAlias, targetKeyId: key.keyId }, options);
  const policy = new kms.KeyPolicy(
    `${name}-key`,
    { keyId: key.keyId, policy: key.arn.apply((arn) => keyPolicy(arn, names.logGroup)) },
    options,
  );
  return { arn: key.arn, before: [policy] };
}

/**
 * Creates the log group before the cluster, and thus deletes it after: EKS would make one that never forgets, and
 * makes it again when it is deleted first.
 * Source: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/920
 */
export function createLogGroup(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  key: ClusterKey,
): cloudwatch.LogGroup {
  const { deletionProtection, logRetentionDays, name, names, tags } = plan;
  return new cloudwatch.LogGroup(
    `${name}-logs`,
    {
      name: names.logGroup,
      retentionInDays: logRetentionDays,
      kmsKeyId: key.arn,
      deletionProtectionEnabled: deletionProtection,
      tags: { ...tags, Name: names.logGroup },
    },
    { parent, dependsOn: key.before, ...dataGuard(plan.deletionProtection) },
  );
}
