import { Metric } from "@pulumi/gcp/logging/metric";
import { ProjectBucketConfig } from "@pulumi/gcp/logging/projectBucketConfig";
import { ProjectSink } from "@pulumi/gcp/logging/projectSink";
import { AlertPolicy } from "@pulumi/gcp/monitoring/alertPolicy";
import type { Account } from "@pulumi/gcp/serviceaccount/account";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import type { GcpTraceUploaderPlan } from "./plan";

/** Keeps the function's logs for as long as is asked for, in a bucket of their own. */
export function createLogs(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
  account: Account,
): void {
  const { deletionProtection, logRetentionDays, name, names, network } = plan;
  const bucket = new ProjectBucketConfig(
    `${name}-logs`,
    {
      bucketId: names.logBucket,
      description: `Logs of ${names.function}`,
      location: network.region,
      project: account.project,
      retentionDays: logRetentionDays,
    },
    { parent, ...dataGuard(deletionProtection) },
  );
  new ProjectSink(
    `${name}-logs`,
    {
      name: names.logBucket,
      destination: pulumi.interpolate`logging.googleapis.com/${bucket.id}`,
      filter: serviceFilter(plan),
      project: account.project,
      uniqueWriterIdentity: true,
    },
    { parent },
  );
}

/** Creates the metrics that are read off the report of each run, and the alerts. */
export function createAlerts(parent: pulumi.Resource, plan: GcpTraceUploaderPlan): void {
  const { labels, name, names, notificationChannels, project } = plan;
  const metrics = metricsOf(plan).map(({ filter, suffix, ...metric }) => {
    return new Metric(
      `${name}-${suffix}`,
      {
        ...metric,
        name: `${names.function}-${suffix}`,
        filter: `${serviceFilter(plan)} AND ${filter}`,
        project,
      },
      { parent },
    );
  });
  for (const { query, says, suffix } of alertsOf(plan)) {
    new AlertPolicy(
      `${name}-${suffix}`,
      {
        combiner: "OR",
        conditions: [
          {
            displayName: says,
            conditionPrometheusQueryLanguage: {
              // A metric of logs is known to Monitoring minutes after it was made.
              disableMetricValidation: true,
              duration: "0s",
              evaluationInterval: "60s",
              query,
            },
          },
        ],
        displayName: `${names.function}: ${suffix}`,
        documentation: { content: says, mimeType: "text/markdown" },
        notificationChannels,
        project,
        userLabels: labels,
      },
      { parent, dependsOn: metrics },
    );
  }
}

/** What is counted of logs: fields of reports, and lines that tell of an error, which a run without a report has as well. */
function metricsOf({ oldestFileSeconds }: GcpTraceUploaderPlan) {
  const field = (suffix: string, name: string) => ({
    suffix,
    // A report that does not say it is none that says 0.
    filter: `jsonPayload.message="trace upload" AND jsonPayload.${name}>=0`,
    metricDescriptor: { metricKind: "DELTA", valueType: "DISTRIBUTION", unit: "1" },
    valueExtractor: `EXTRACT(jsonPayload.${name})`,
  });
  return [
    {
      ...field("oldest-file", "oldestAgeSeconds"),
      // What is up to the limit and what is above it are told apart exactly, not by the default's powers of two.
      bucketOptions: { explicitBuckets: { bounds: [oldestFileSeconds, 2 * oldestFileSeconds] } },
    },
    field("failures", "failed"),
    field("set-aside", "setAside"),
    {
      suffix: "errors",
      filter: "severity>=ERROR",
      metricDescriptor: { metricKind: "DELTA", valueType: "INT64", unit: "1" },
    },
  ];
}

function serviceFilter({ names }: GcpTraceUploaderPlan): string {
  return `resource.type="cloud_run_revision" AND resource.labels.service_name="${names.function}"`;
}

interface Alert {
  query: string;
  says: string;
  suffix: string;
}

/**
 * Three runs are looked at: one that is slow, and one that waits for it, are no reason yet.
 * Source: https://cloud.google.com/monitoring/promql/promql-mapping
 */
function alertsOf({ intervalMinutes, names, oldestFileSeconds }: GcpTraceUploaderPlan): Alert[] {
  const window = `${String(3 * intervalMinutes)}m`;
  const run = `monitored_resource="cloud_run_revision"`;
  const grown = (suffix: string, part = "") =>
    `increase(logging_googleapis_com:user_${promName(`${names.function}-${suffix}`)}${part}{${run}}[${window}])`;
  const most = (suffix: string) =>
    `histogram_quantile(0.99, sum by (le) (${grown(suffix, "_bucket")}))`;
  // A metric may stand still, or not be there at all.
  const none = (suffix: string) => `(sum(${grown(suffix, "_count")}) or vector(0)) == 0`;
  const letters = `pubsub_googleapis_com:subscription_num_undelivered_messages`;
  return [
    {
      suffix: "oldest-file",
      says: "The oldest file waits for too long, or no run tells how old it is",
      query: `${most("oldest-file")} > ${String(oldestFileSeconds)} or ${none("oldest-file")}`,
    },
    {
      suffix: "failures",
      says: "Files could not be moved; they are tried again",
      query: `sum(${grown("failures", "_sum")}) > 0`,
    },
    {
      suffix: "set-aside",
      says: "Files were set aside: the notes below .set-aside/ in the bucket say why",
      query: `sum(${grown("set-aside", "_sum")}) > 0`,
    },
    {
      suffix: "errors",
      says: "A run ended with an error, or did not end in time",
      query: `sum(${grown("errors")}) > 0`,
    },
    {
      suffix: "dead-letters",
      says: "Runs failed five times: the letters of the subscription say when",
      query: `max(${letters}{monitored_resource="pubsub_subscription",subscription_id="${names.function}-dead-letters"}) > 0`,
    },
  ];
}

function promName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, "_");
}
