import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels, selectorLabels } from "../../shared/labels";
import { requirePlan } from "../../shared/require-plan";
import { cronOf } from "../plan";
import { createRule } from "./alarms";
import type { TraceUploaderArgs } from "./args";
import { planTraceUploader, type TraceUploaderPlan } from "./plan";
import { AUTHORITY_KEYS, PROGRAM_KEY, uploaderPod } from "./pod";
import { COMPONENT, networkPolicy } from "./policy";

/** Exit codes of runs that no other run at once would better: the settings are wrong; files failed or are too old. */
const FINAL_EXITS = [2, 3];

/**
 * The trace uploader as a CronJob in the cluster: every few minutes it moves what Queen has in `/srv/alerts` and
 * `/srv/trace` to a store that speaks the protocol of S3.
 *
 * Creates, under its logical name `NAME`: the CronJob `NAME` with its ServiceAccount and NetworkPolicy, the immutable
 * ConfigMap `NAME-bundle` of the program, the ConfigMap `NAME-authorities` of the certificates that it trusts, and with
 * `prometheusRule` the PrometheusRule `NAME`.
 *
 * It costs 100m CPU and 256 MiB while it runs. The bucket is the caller's: encrypted, versioned and closed to the public.
 * The uploader needs the rights to create, to get and to list, and no right to delete.
 *
 * ```typescript
 * new TraceUploader("traces", {
 *   namespace: "services", image: "docker.io/library/node:22.22.0@sha256:...",
 *   queen: queenRef(queen, "uploader"),
 *   store: { bucket: "traces", endpoint: "https://s3.example.com", credentialsSecretName: "traces" },
 * });
 * ```
 *
 * By hand it is started with `kubectl create job --from=cronjob/NAME NAME-now`. Of two runs at once, which the CronJob
 * itself never makes, none harms the other. A run fails where Queen or the store cannot be worked with, where files failed, and where
 * the oldest is older than `alarms.oldestFileMinutes`. Failed ones are kept, five of them, with their logs: the report, and
 * why. Outside the cluster `AwsTraceUploader`, `GcpTraceUploader` and `AzureTraceUploader` do the same.
 */
export class TraceUploader extends pulumi.ComponentResource {
  /** Name of the CronJob. */
  public readonly cronJobName: pulumi.Output<string>;
  /** Name of the service account, for the rights that a cloud gives it. */
  public readonly serviceAccountName: pulumi.Output<string>;

  constructor(name: string, args: TraceUploaderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:TraceUploader", name, args, opts);
    const plan = requirePlan("TraceUploader", name, planTraceUploader(name, args));

    const before = [...createFiles(this, plan), createPolicy(this, plan)];
    const account = createAccount(this, plan);
    const cronJob = createCronJob(this, plan, [...before, account]);
    if (plan.prometheusRule) createRule(this, plan);

    this.cronJobName = cronJob.metadata.name;
    this.serviceAccountName = account.metadata.name;
    this.registerOutputs({
      cronJobName: this.cronJobName,
      serviceAccountName: this.serviceAccountName,
    });
  }
}

function metadata({ name, namespace }: TraceUploaderPlan, own: string) {
  return { name: own, namespace, labels: objectLabels(COMPONENT, name) };
}

function createFiles(parent: pulumi.Resource, plan: TraceUploaderPlan): ConfigMap[] {
  const { bundle, name, objects, queen, store } = plan;
  return [
    new ConfigMap(
      `${name}-bundle`,
      {
        metadata: metadata(plan, objects.bundle),
        data: { [PROGRAM_KEY]: bundle.text },
        immutable: true,
      },
      { parent },
    ),
    new ConfigMap(
      `${name}-authorities`,
      {
        metadata: metadata(plan, objects.authorities),
        data: {
          [AUTHORITY_KEYS.queen]: queen.caCertificate,
          ...(store.caCertificate !== undefined && { [AUTHORITY_KEYS.store]: store.caCertificate }),
        },
      },
      { parent },
    ),
  ];
}

function createPolicy(parent: pulumi.Resource, plan: TraceUploaderPlan): NetworkPolicy {
  return new NetworkPolicy(
    plan.name,
    { metadata: metadata(plan, plan.objects.uploader), spec: networkPolicy(plan) },
    { parent },
  );
}

function createAccount(parent: pulumi.Resource, plan: TraceUploaderPlan): ServiceAccount {
  const { name, objects, serviceAccountAnnotations } = plan;
  return new ServiceAccount(
    name,
    {
      automountServiceAccountToken: false,
      metadata: {
        ...metadata(plan, objects.uploader),
        ...(Object.keys(serviceAccountAnnotations).length > 0 && {
          annotations: serviceAccountAnnotations,
        }),
      },
    },
    { parent },
  );
}

const FAILURE_RULES = [
  {
    action: "FailJob",
    onExitCodes: { containerName: "uploader", operator: "In", values: FINAL_EXITS },
  },
  // A node that is drained is no failure of the run.
  { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
];

function createCronJob(
  parent: pulumi.Resource,
  plan: TraceUploaderPlan,
  before: pulumi.Resource[],
): CronJob {
  const { deadlineSeconds, intervalMinutes, name, objects } = plan;
  const labels = objectLabels(COMPONENT, name);
  return new CronJob(
    name,
    {
      metadata: metadata(plan, objects.uploader),
      spec: {
        // One run at a time: two would move the same files twice over.
        concurrencyPolicy: "Forbid",
        failedJobsHistoryLimit: 5,
        jobTemplate: {
          metadata: { labels },
          spec: {
            activeDeadlineSeconds: deadlineSeconds,
            backoffLimit: 1,
            podFailurePolicy: { rules: FAILURE_RULES },
            template: {
              metadata: { labels: { ...labels, ...selectorLabels(COMPONENT, name) } },
              spec: uploaderPod(plan),
            },
          },
        },
        schedule: cronOf(intervalMinutes),
        startingDeadlineSeconds: 60 * intervalMinutes,
        successfulJobsHistoryLimit: 3,
        timeZone: "Etc/UTC",
      },
    },
    { parent, dependsOn: before },
  );
}
