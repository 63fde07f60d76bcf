import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../../shared/labels";
import type { TraceUploaderPlan } from "./plan";
import { COMPONENT } from "./policy";

/**
 * Creates the rule for the Prometheus operator, of what kube-state-metrics tells of Jobs: whether they failed. That says it
 * all, since a run fails where files failed in it or the oldest is older than the limit: one that succeeded has seen all
 * files, and none was too old.
 */
export function createRule(parent: pulumi.Resource, plan: TraceUploaderPlan): CustomResource {
  const { name, namespace, objects } = plan;
  return new CustomResource(
    name,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: objects.uploader, namespace, labels: objectLabels(COMPONENT, name) },
      spec: {
        groups: [
          {
            name: objects.uploader,
            rules: [
              alert(
                "TraceUploaderLate",
                "No run of the trace uploader has succeeded for too long, or nobody tells of any",
                pulumi.output(namespace).apply((own) => lateExpression(plan, own)),
              ),
              alert(
                "TraceUploaderFailed",
                "A run of the trace uploader failed, or files in it, or the oldest file is too old: its log says why",
                pulumi.output(namespace).apply((own) => failedExpression(plan, own)),
              ),
            ],
          },
        ],
      },
    },
    { parent },
  );
}

function alert(name: string, summary: string, expr: pulumi.Output<string>) {
  return {
    alert: name,
    annotations: { summary },
    expr,
    for: "5m",
    labels: { severity: "warning" },
  };
}

type Watched = Pick<
  TraceUploaderPlan,
  "deadlineSeconds" | "intervalMinutes" | "objects" | "oldestFileSeconds"
>;

/** Seconds in which a run that is slow and the ones after it have ended. */
function fewRunsSeconds({ deadlineSeconds, intervalMinutes }: Watched): number {
  return deadlineSeconds + 3 * 60 * intervalMinutes;
}

/**
 * What is true while no run has succeeded for so long. A CronJob of which none ever did has no time of success, so it counts
 * from when it was made; one that nobody tells of is late in any case. Pure.
 */
export function lateExpression(watched: Watched, namespace: string): string {
  const cronJob = `{namespace="${namespace}",cronjob="${watched.objects.uploader}"}`;
  const seconds = Math.max(watched.oldestFileSeconds, fewRunsSeconds(watched));
  const last = `kube_cronjob_status_last_successful_time${cronJob}`;
  const made = `kube_cronjob_created${cronJob}`;
  return `time() - max(${last} or ${made}) > ${String(seconds)} or absent(${made})`;
}

/**
 * What is true while there is a Job that failed and began not long ago: older ones are kept for their logs. By Jobs, not by
 * their pods: one that failed may have been tried again with success. Pure.
 */
export function failedExpression(watched: Watched, namespace: string): string {
  const jobs = `namespace="${namespace}",job_name=~"${watched.objects.uploader}-([0-9]+|now)"`;
  const failed = `max by (job_name) (kube_job_failed{${jobs},condition="true"}) == 1`;
  const began = `max by (job_name) (kube_job_status_start_time{${jobs}})`;
  return `count(${failed} and ${began} > time() - ${String(fewRunsSeconds(watched))}) > 0`;
}
