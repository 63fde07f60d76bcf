import { awsSecrets } from "../cloud/secrets";
import { WebClient } from "../cloud/web-client";
import type { Report } from "../core";
import { requireWork, runOnce } from "../run-once";
import { readSettings, Target } from "../settings";
import { s3Store } from "../stores/s3";
import { s3Client } from "../stores/s3-client";
import { metricsLine } from "./metrics";

/** What Lambda says of an invocation, as far as it is used. */
export interface LambdaContext {
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
}

/**
 * The function of AWS Lambda, `lambda.handler`. Any event starts a run; it ends before the function's time does. Metrics are in its
 * one line of log. Errors: those of a run, so that Lambda tries again and then tells the queue of dead letters.
 */
export async function handler(_event: unknown, context: LambdaContext): Promise<Report> {
  const web = new WebClient();
  try {
    const report = await runOnce({
      settings: readSettings(Target.Lambda, process.env),
      makeStore: (settings) => s3Store({ client: s3Client(settings), ...settings }),
      readSecret: awsSecrets(web),
      signal: new AbortController().signal,
      secondsLeft: context.getRemainingTimeInMillis() / 1000,
    });
    console.log(metricsLine(report, context.functionName, Date.now()));
    requireWork(report);
    return report;
  } finally {
    web.close();
  }
}
