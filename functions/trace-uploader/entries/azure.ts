import { app, type InvocationContext, output } from "@azure/functions";
import { azureSecrets } from "../cloud/secrets";
import { azureToken } from "../cloud/token";
import { WebClient } from "../cloud/web-client";
import { reportLine } from "../core";
import { requireWork, runOnce } from "../run-once";
import { readSettings, Target } from "../settings";
import { BlobStore } from "../stores/blob";
import { OneAtATime } from "./one-at-a-time";

const runs = new OneAtATime();

/** App settings that say when, and over which queue of the app's own storage account (AzureWebJobsStorage). */
const queue = { queueName: "%UPLOAD_QUEUE%", connection: "AzureWebJobsStorage" };

const messages = output.storageQueue(queue);

/**
 * The timer puts a message into the queue, and a message starts a run: so a run that fails is tried again and its message ends up in
 * `<queue>-poison`, and who wants a run now puts a message there too. host.json must say `batchSize` 1 and `newBatchThreshold` 0.
 */
app.timer("schedule", {
  schedule: "%UPLOAD_SCHEDULE%",
  extraOutputs: [messages],
  handler: (_timer, context) => {
    context.extraOutputs.set(messages, JSON.stringify({ from: "schedule" }));
  },
});

app.storageQueue("upload", { ...queue, handler: upload });

async function upload(_message: unknown, context: InvocationContext): Promise<void> {
  const done = await runs.run(() => uploadOnce(context));
  // The message comes back a little later.
  if (done === undefined) throw new Error("a run is under way");
}

async function uploadOnce(context: InvocationContext): Promise<true> {
  const web = new WebClient();
  try {
    const storageToken = azureToken(web, "https://storage.azure.com");
    const report = await runOnce({
      settings: readSettings(Target.Azure, process.env),
      makeStore: ({ endpoint = "", bucket }) =>
        new BlobStore({ account: endpoint, container: bucket }, { web, token: storageToken }),
      readSecret: azureSecrets(web),
      signal: new AbortController().signal,
    });
    context.log(reportLine(report));
    requireWork(report);
    return true;
  } finally {
    web.close();
  }
}
