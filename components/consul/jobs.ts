import * as batchv1 from "@pulumi/kubernetes/batch/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { aclSecretFiles } from "./acl-files";
import { TOKEN_KEY } from "./consul-ref";
import { publicDigest } from "./digest";
import { deriveToken, type Keys } from "./keys";
import { consulMetadata, podLabels } from "./metadata";
import type { ConsulPlan, ServersPlan, SnapshotPlan } from "./plan";
import { aclPod, snapshotPod } from "./pods";
import { CONSUL_COMPONENTS } from "./ports";
import { tokenFor } from "./tokens";

/** Makes the Job that brings Consul's policies and tokens to what the plan says. */
export function createAclJob(
  parent: pulumi.Resource,
  { name, namespace }: ConsulPlan,
  servers: ServersPlan,
  keys: Keys,
  dependsOn: pulumi.Resource[],
): batchv1.Job {
  const { names, aclEntries, aclFiles } = servers;
  const metadata = consulMetadata(name, names.acl, namespace);
  const secretFiles = keys.tokenSeed.apply((seed) =>
    aclSecretFiles(aclEntries, tokenFor(seed, "management"), (purpose) => tokenFor(seed, purpose)),
  );
  const files = [
    new corev1.ConfigMap(`${name}-acl`, { metadata, data: aclFiles }, { parent }),
    new corev1.Secret(
      `${name}-acl`,
      { metadata, type: "Opaque", stringData: secretFiles },
      { parent },
    ),
  ];
  return new batchv1.Job(
    `${name}-acl`,
    {
      metadata: consulMetadata(name, names.aclJob, namespace),
      spec: {
        backoffLimit: 6,
        activeDeadlineSeconds: 900,
        template: {
          metadata: {
            labels: podLabels(name, CONSUL_COMPONENTS.acl),
            annotations: tokensDigest(secretFiles),
          },
          spec: aclPod(servers),
        },
      },
    },
    { parent, dependsOn: [...dependsOn, ...files] },
  );
}

/** No Job's template can be changed: other tokens make the provider replace the Job. */
function tokensDigest(secretFiles: pulumi.Output<Record<string, string>>) {
  const text = secretFiles.apply((files) => JSON.stringify(files));
  return { "kvm-fabric.dev/tokens": publicDigest(text) };
}

/** Makes the volume for snapshots, the token for them and the CronJob that saves them. */
export function createSnapshots(
  parent: pulumi.Resource,
  { name, namespace }: ConsulPlan,
  servers: ServersPlan,
  keys: Keys,
  aclJob: batchv1.Job,
  guard: pulumi.CustomResourceOptions,
): void {
  const { names, snapshots } = servers;
  if (snapshots === undefined) return;
  const metadata = consulMetadata(name, names.snapshots, namespace);
  const volume = new corev1.PersistentVolumeClaim(
    `${name}-snapshots`,
    {
      // Many storage classes bind a claim to its first pod only, which the CronJob makes hours later.
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: claimSpec(snapshots),
    },
    { parent, ...guard },
  );
  const token = new corev1.Secret(
    `${name}-snapshots`,
    {
      metadata,
      type: "Opaque",
      stringData: { [TOKEN_KEY]: deriveToken(keys, "snapshots") },
    },
    { parent },
  );
  createSnapshotJob(parent, { name, namespace }, servers, snapshots, [aclJob, volume, token]);
}

function createSnapshotJob(
  parent: pulumi.Resource,
  { name, namespace }: Pick<ConsulPlan, "name" | "namespace">,
  servers: ServersPlan,
  snapshots: SnapshotPlan,
  dependsOn: pulumi.Resource[],
): void {
  new batchv1.CronJob(
    `${name}-snapshots`,
    {
      metadata: consulMetadata(name, servers.names.snapshots, namespace),
      spec: {
        schedule: snapshots.schedule,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            backoffLimit: 3,
            activeDeadlineSeconds: 1800,
            template: {
              metadata: { labels: podLabels(name, CONSUL_COMPONENTS.snapshot) },
              spec: snapshotPod(servers, snapshots),
            },
          },
        },
      },
    },
    { parent, dependsOn },
  );
}

function claimSpec({ storageClass, storageGib }: SnapshotPlan) {
  return {
    accessModes: ["ReadWriteOnce"],
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    resources: { requests: { storage: `${storageGib}Gi` } },
  };
}
