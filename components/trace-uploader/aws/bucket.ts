import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import { setAsideDays } from "../plan";
import { bucketPolicy } from "./iam";
import type { UploaderKey } from "./key";
import type { AwsTraceUploaderPlan } from "./plan";

/** The bucket that is written to. */
export interface Archive {
  arn: pulumi.Output<string>;
  /** What must be there before the first object is. */
  before: pulumi.Resource[];
  /** Undefined where the bucket is encrypted with a key of S3. */
  keyArn: pulumi.Output<string> | undefined;
  name: pulumi.Output<string>;
}

/** Creates the bucket with all its settings, or takes the one that is there. */
export function createArchive(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
  key: UploaderKey,
): Archive {
  const { existingBucket } = plan;
  if (existingBucket === undefined) return createBucket(parent, plan, key);
  const name = pulumi.output(existingBucket.name);
  const keyArn = existingBucket.encryptionKeyArn;
  return {
    arn: pulumi
      .all([name, key.place])
      .apply(([own, place]) => `arn:${place.partition}:s3:::${own}`),
    before: [],
    keyArn: keyArn === undefined ? undefined : pulumi.output(keyArn),
    name,
  };
}

/**
 * Names of buckets are all the world's, so Pulumi adds a suffix. Each setting is kept with the bucket where it is
 * retained: a bucket without its policy would be less than what was promised.
 */
function createBucket(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
  key: UploaderKey,
): Archive {
  const own = `${plan.name}-traces`;
  const options = { parent, ...dataGuard(plan.deletionProtection) };
  const { id: bucket, arn } = new Bucket(
    own,
    { forceDestroy: false, tags: { ...plan.tags, Name: own } },
    options,
  );
  const blocked = new BucketPublicAccessBlock(
    own,
    {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    options,
  );
  const owned = new BucketOwnershipControls(
    own,
    { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    options,
  );
  const encrypted = new BucketServerSideEncryptionConfiguration(
    own,
    {
      bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
          // One call to the key for many objects.
          bucketKeyEnabled: true,
        },
      ],
    },
    { ...options, dependsOn: key.before },
  );
  const policy = new BucketPolicy(
    own,
    { bucket, policy: arn.apply((known) => bucketPolicy(known, plan.prefix)) },
    // S3 refuses two changes of who has access at the same time.
    { ...options, dependsOn: [blocked] },
  );
  const versioned = createLifecycle(parent, plan, own, bucket);
  return {
    ...{ arn, keyArn: key.arn, name: bucket },
    before: [blocked, encrypted, owned, policy, versioned],
  };
}

function createLifecycle(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
  own: string,
  bucket: pulumi.Output<string>,
): BucketVersioning {
  const options = { parent, ...dataGuard(plan.deletionProtection) };
  const versioned = new BucketVersioning(
    own,
    { bucket, versioningConfiguration: { status: "Enabled" } },
    options,
  );
  new BucketLifecycleConfiguration(
    own,
    {
      bucket,
      rules: lifecycleRules(plan),
    },
    // Rules for versions mean something only where there are versions.
    { ...options, dependsOn: [versioned] },
  );
  return versioned;
}

function lifecycleRules(plan: AwsTraceUploaderPlan) {
  const { abortIncompleteDays, noncurrentDays, transitionDays } = plan.lifecycle;
  return [
    {
      id: "archive",
      status: "Enabled",
      filter: {},
      abortIncompleteMultipartUpload: { daysAfterInitiation: abortIncompleteDays },
      noncurrentVersionExpiration: { noncurrentDays },
      ...(transitionDays > 0 && {
        transitions: [{ days: transitionDays, storageClass: "STANDARD_IA" }],
      }),
    },
    {
      id: "set-aside",
      status: "Enabled",
      filter: { prefix: `${plan.prefix}/.set-aside/` },
      expiration: { days: setAsideDays(plan) },
    },
  ];
}
