import type { IncomingMessage, ServerResponse } from "node:http";
import { googleLookup } from "../cloud/google-lookup";
import { googleSecrets } from "../cloud/secrets";
import { googleToken } from "../cloud/token";
import { WebClient } from "../cloud/web-client";
import { requireWork, runOnce } from "../run-once";
import { readSettings, Target } from "../settings";
import { GcsStore } from "../stores/gcs";
import { severityLine } from "./metrics";
import { OneAtATime } from "./one-at-a-time";

const runs = new OneAtATime();

/**
 * The function of Cloud Run, entry point `uploadTraces`, for Google's functions framework, which brings the server. Any POST starts a
 * run and is answered when that is over: 200 with the report, 500 where the run failed (Cloud Scheduler and Pub/Sub then try again),
 * 409 while another one is under way.
 */
export async function uploadTraces(
  request: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const say = (status: number, body: object) => {
    answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (request.method !== "POST") {
    say(405, { error: "POST starts a run" });
    return;
  }
  try {
    const report = await runs.run(upload);
    if (report === undefined) say(409, { error: "a run is under way" });
    else say(200, report);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(
      JSON.stringify({ severity: "ERROR", message: "trace upload failed", error: message }),
    );
    say(500, { error: message });
  }
}

async function upload() {
  const settings = readSettings(Target.CloudRun, process.env);
  const web = new WebClient(undefined, googleLookup(settings.store.addresses));
  try {
    const token = googleToken(web);
    const report = await runOnce({
      settings,
      makeStore: (place) => new GcsStore(place, { web, token }),
      readSecret: googleSecrets(web, token),
      signal: new AbortController().signal,
    });
    console.log(severityLine(report));
    requireWork(report);
    return report;
  } finally {
    web.close();
  }
}
