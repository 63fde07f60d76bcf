import { StopReason, type Report } from "../../../../../functions/trace-uploader/core";
import { metricsLine, severityLine } from "../../../../../functions/trace-uploader/entries/metrics";
import { OneAtATime } from "../../../../../functions/trace-uploader/entries/one-at-a-time";
import { requireFiles } from "../../../../../functions/trace-uploader/require-files";
import { requireWork } from "../../../../../functions/trace-uploader/run-once";

const report: Report = {
  ...{ moved: 3, bytes: 1000, waiting: 1, setAside: 2, failed: 1, oldestAgeSeconds: 77 },
  ...{ stoppedEarly: false, stopReason: undefined, stopError: undefined, problems: [], seconds: 4 },
};
const lost: Report = {
  ...report,
  ...{ failed: 0, stoppedEarly: true, stopReason: StopReason.Store, stopError: "503" },
};

test("CloudWatch finds every metric in the one line, by the function's name", () => {
  const line = JSON.parse(metricsLine(report, "uploader", 1_700_000_000_000));
  const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
  expect({ Namespace, Dimensions, at: line._aws.Timestamp }).toEqual({
    Namespace: "KvmFabric/TraceUploader",
    Dimensions: [["FunctionName"]],
    at: 1_700_000_000_000,
  });
  const values = Metrics.map(({ Name }: { Name: string }) => [Name, line[Name]]);
  expect(Object.fromEntries(values)).toEqual({
    OldestFileAgeSeconds: 77,
    FilesMoved: 3,
    BytesMoved: 1000,
    FilesSetAside: 2,
    Failures: 1,
  });
  expect(line.FunctionName).toBe("uploader");
  expect(metricsLine(report, "uploader", 1)).not.toContain("\n");
});

test("an age that nobody knows is no age of 0: the metric is missing, which the alarm takes for bad", () => {
  const line = JSON.parse(metricsLine({ ...lost, oldestAgeSeconds: undefined }, "f", 1));
  const [{ Metrics }] = line._aws.CloudWatchMetrics;
  const names = Metrics.map(({ Name }: { Name: string }) => Name);
  expect(names).toEqual(["FilesMoved", "BytesMoved", "FilesSetAside", "Failures"]);
  expect(line).not.toHaveProperty("OldestFileAgeSeconds");
  expect(line).not.toHaveProperty("oldestAgeSeconds");
});

test("a store or a Queen that was lost is a failure, and the run's; a time that is up is not", () => {
  expect(JSON.parse(metricsLine(lost, "f", 1)).Failures).toBe(1);
  expect(() => {
    requireWork(lost);
  }).toThrow("the run ended at the store: 503");
  expect(() => {
    requireWork({ ...lost, stopReason: StopReason.Time, stopError: undefined });
  }).not.toThrow();
});

test.each([
  [{ failed: 0, oldestAgeSeconds: 0 }, undefined],
  [{ failed: 0, oldestAgeSeconds: 7200 }, undefined],
  [{ failed: 0, oldestAgeSeconds: 7201 }, "the oldest file is 7201 s old, more than 7200 s"],
  [{ failed: 0, oldestAgeSeconds: undefined }, "not all files were seen"],
  [{ failed: 2, oldestAgeSeconds: 0 }, "files and folders that failed: 2"],
])("a target whose failed runs are its alarms takes %j for %s", (files, words) => {
  const check = expect(() => {
    requireFiles(files, 7200);
  });
  if (words === undefined) check.not.toThrow();
  else check.toThrow(words);
});

test("without a limit no age fails a run, known or not; files that failed do", () => {
  requireFiles({ failed: 0, oldestAgeSeconds: 1e9 });
  requireFiles({ failed: 0, oldestAgeSeconds: undefined });
  expect(() => {
    requireFiles({ failed: 1, oldestAgeSeconds: 0 });
  }).toThrow("files and folders that failed: 1");
});

test.each([
  [lost, "ERROR"],
  [report, "WARNING"],
  [{ ...report, failed: 0 }, "INFO"],
])("Cloud Logging hears how bad it is", (given, severity) => {
  expect(JSON.parse(severityLine(given))).toMatchObject({ severity, message: "trace upload" });
});

test("one run at a time, and another one after it, also where it failed", async () => {
  const runs = new OneAtATime();
  let end: (error: Error) => void = () => undefined;
  const first = runs.run(() => new Promise((_, reject) => (end = reject)));
  expect(await runs.run(() => Promise.resolve(1))).toBeUndefined();
  end(new Error("no"));
  await expect(first).rejects.toThrow("no");
  expect(await runs.run(() => Promise.resolve(2))).toBe(2);
});
