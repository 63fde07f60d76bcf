import { Bucket } from "@pulumi/gcp/storage/bucket";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import { setAsideDays } from "../plan";
import type { GcpTraceUploaderPlan } from "./plan";

/** What every bucket of the uploader has: nothing is public, ever, and rights are those of the bucket alone. */
const CLOSED = Object.freeze({
  forceDestroy: false,
  publicAccessPrevention: "enforced",
  uniformBucketLevelAccess: true,
});

/** Creates the bucket that is written to, or takes the one that is there; answers its name. */
export function createArchive(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
): pulumi.Output<string> {
  const { encryptionKeyId, existingBucketName, labels, name, network, project } = plan;
  if (existingBucketName !== undefined) return pulumi.output(existingBucketName);
  return new Bucket(
    `${name}-traces`,
    {
      ...CLOSED,
      ...(encryptionKeyId !== undefined && { encryption: { defaultKmsKeyName: encryptionKeyId } }),
      labels,
      lifecycleRules: lifecycleRules(plan),
      location: network.region,
      project,
      softDeletePolicy: { retentionDurationSeconds: SOFT_DELETE_SECONDS },
      versioning: { enabled: true },
    },
    { parent, ...dataGuard(plan.deletionProtection) },
  ).name;
}

/** A week: Cloud Storage's own default, said so that it stays. */
const SOFT_DELETE_SECONDS = 604_800;

/** https://cloud.google.com/storage/docs/resumable-uploads#session-uris */
const SESSION_DAYS = 8;

function lifecycleRules(plan: GcpTraceUploaderPlan) {
  const { abortIncompleteDays, noncurrentDays, transitionDays } = plan.lifecycle;
  return [
    {
      action: { type: "AbortIncompleteMultipartUpload" },
      condition: { age: abortIncompleteDays },
    },
    {
      action: { type: "Delete" },
      condition: { daysSinceNoncurrentTime: noncurrentDays, withState: "ARCHIVED" },
    },
    {
      action: { type: "Delete" },
      condition: { age: setAsideDays(plan), matchesPrefixes: [`${plan.prefix}/.set-aside/`] },
    },
    {
      // Addresses of uploads that were begun: after a week they lead nowhere.
      action: { type: "Delete" },
      condition: { age: SESSION_DAYS, matchesPrefixes: [`${plan.prefix}/.uploads/`] },
    },
    ...(transitionDays === 0
      ? []
      : [
          {
            action: { type: "SetStorageClass", storageClass: "NEARLINE" },
            condition: { age: transitionDays, matchesStorageClasses: ["STANDARD"] },
          },
        ]),
  ];
}

/** Creates the bucket of the function's code; what is in it, the next `pulumi up` makes again. */
export function createCodeBucket(parent: pulumi.Resource, plan: GcpTraceUploaderPlan): Bucket {
  const { labels, name, network, project } = plan;
  return new Bucket(
    `${name}-code`,
    { ...CLOSED, labels, location: network.region, project, versioning: { enabled: true } },
    { parent },
  );
}
