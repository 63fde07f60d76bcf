import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type { Function as LambdaFunction } from "@pulumi/aws/lambda/function";
import type { Queue } from "@pulumi/aws/sqs/queue";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsTraceUploaderPlan } from "./plan";

/** Namespace of the metrics that the uploader writes with its logs. */
const NAMESPACE = "KvmFabric/TraceUploader";

interface Alarm {
  description: string;
  dimensions: Record<string, pulumi.Input<string>>;
  metricName: string;
  namespace: string;
  statistic: "Maximum" | "Sum";
  suffix: string;
  threshold: number;
  /** What it means that nothing was measured. */
  treatMissingData: "breaching" | "notBreaching";
}

/** Creates the alarms. */
export function createAlarms(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
  watched: LambdaFunction,
  queue: Queue,
): MetricAlarm[] {
  const { alarmTopicArn, name, names, tags } = plan;
  const actions = alarmTopicArn === undefined ? [] : [alarmTopicArn];
  return alarmsOf(plan, { FunctionName: watched.name }, { QueueName: queue.name }).map(
    ({ description, suffix, ...alarm }) =>
      new MetricAlarm(
        `${name}-${suffix}`,
        {
          ...alarm,
          name: `${names.function}-${suffix}`,
          alarmActions: actions,
          alarmDescription: description,
          comparisonOperator: "GreaterThanThreshold",
          evaluationPeriods: 1,
          okActions: actions,
          period: periodSeconds(plan.intervalMinutes),
          tags: { ...tags, Name: `${names.function}-${suffix}` },
        },
        { parent },
      ),
  );
}

/** Three runs: one that is slow, and one that waits for it, are no reason yet. */
function periodSeconds(intervalMinutes: number): number {
  return 3 * 60 * intervalMinutes;
}

function alarmsOf(
  { oldestFileSeconds }: AwsTraceUploaderPlan,
  functionName: Alarm["dimensions"],
  queueName: Alarm["dimensions"],
): Alarm[] {
  const own = { dimensions: functionName, namespace: NAMESPACE };
  return [
    {
      ...{
        ...own,
        suffix: "oldest-file",
        metricName: "OldestFileAgeSeconds",
        statistic: "Maximum",
      },
      description: "The oldest file waits for too long, or no run tells how old it is",
      threshold: oldestFileSeconds,
      treatMissingData: "breaching",
    },
    {
      ...{ ...own, suffix: "failures", metricName: "Failures", statistic: "Sum" },
      description: "Files could not be moved; they are tried again",
      threshold: 0,
      treatMissingData: "notBreaching",
    },
    {
      ...{ ...own, suffix: "set-aside", metricName: "FilesSetAside", statistic: "Maximum" },
      description: "Files were set aside: the notes below .set-aside/ in the bucket say why",
      threshold: 0,
      treatMissingData: "notBreaching",
    },
    {
      ...{ suffix: "errors", metricName: "Errors", namespace: "AWS/Lambda", statistic: "Sum" },
      description: "A run ended with an error, or did not end in time",
      dimensions: functionName,
      threshold: 0,
      treatMissingData: "notBreaching",
    },
    {
      ...{ suffix: "dead-letters", namespace: "AWS/SQS", statistic: "Maximum" },
      description: "Runs failed twice, or could not be started: the letters say why",
      dimensions: queueName,
      metricName: "ApproximateNumberOfMessagesVisible",
      threshold: 0,
      treatMissingData: "notBreaching",
    },
  ];
}
