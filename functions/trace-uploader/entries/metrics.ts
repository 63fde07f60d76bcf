import { type Report, StopReason } from "../core";

/** The namespace of the uploader's metrics in CloudWatch; the component's alarms watch it. */
export const NAMESPACE = "KvmFabric/TraceUploader";

/**
 * A report as one line of JSON that CloudWatch takes metrics from: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring, "embedded
 * metric format". So the function needs no right to write metrics, and no request.
 */
export function metricsLine(report: Report, functionName: string, now: number): string {
  const { oldestAgeSeconds: age } = report;
  const metrics = [
    // An age that is not known is no age of 0: the alarm takes what is missing for bad.
    ...(age === undefined ? [] : [{ Name: "OldestFileAgeSeconds", Unit: "Seconds" }]),
    { Name: "FilesMoved", Unit: "Count" },
    { Name: "BytesMoved", Unit: "Bytes" },
    { Name: "FilesSetAside", Unit: "Count" },
    { Name: "Failures", Unit: "Count" },
  ];
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        { Namespace: NAMESPACE, Dimensions: [["FunctionName"]], Metrics: metrics },
      ],
    },
    message: "trace upload",
    FunctionName: functionName,
    OldestFileAgeSeconds: age,
    FilesMoved: report.moved,
    BytesMoved: report.bytes,
    FilesSetAside: report.setAside,
    Failures: report.failed + (isLost(report) ? 1 : 0),
    ...report,
  });
}

/** A report as one line of JSON that Cloud Logging takes a severity from. */
export function severityLine(report: Report): string {
  const severity = isLost(report) ? "ERROR" : report.failed > 0 ? "WARNING" : "INFO";
  return JSON.stringify({ severity, message: "trace upload", ...report });
}

function isLost({ stopReason }: Report): boolean {
  return stopReason === StopReason.Server || stopReason === StopReason.Store;
}
