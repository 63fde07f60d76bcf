import { reportLine } from "../core";
import { CredentialsError } from "../credentials";
import { FilesError, requireFiles } from "../require-files";
import { requireWork, runOnce } from "../run-once";
import { readSettings, SettingsError, Target } from "../settings";
import { s3Store } from "../stores/s3";
import { s3Client } from "../stores/s3-client";

/** How the command ends. */
export const Exit = {
  /** All was moved that was ready, or the run was told to stop, or its time was up while no file was too old. */
  Done: 0,
  /** The Queen or the store could not be worked with: a later run may. */
  Failed: 1,
  /** The environment does not say what to do, or an identity is not there: no run will do better. */
  Settings: 2,
  /** Files failed, or the oldest is older than it may be: people must look, another run at once would do no better. */
  Files: 3,
} as const;

/**
 * One run, for a CronJob. One line of JSON on standard output says what became of it; SIGTERM and SIGINT end it well, and what is left
 * is the next run's.
 */
async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stop.abort(new Error(signal));
    });
  }
  try {
    const settings = readSettings(Target.Command, process.env);
    const report = await runOnce({
      settings,
      makeStore: (place) => s3Store({ client: s3Client(place), ...place }),
      readSecret: () => Promise.reject(new CredentialsError("a command reads no secrets")),
      signal: stop.signal,
    });
    process.stdout.write(`${reportLine(report)}\n`);
    requireWork(report);
    // Who was told to stop has not seen all; what failed until then failed.
    requireFiles(report, stop.signal.aborted ? undefined : settings.upload.oldestFileSeconds);
  } catch (error) {
    const exit = exitOf(error);
    if (stop.signal.aborted && exit !== Exit.Files) return;
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${words}\n`);
    process.exitCode = exit;
  }
}

function exitOf(error: unknown): number {
  if (error instanceof FilesError) return Exit.Files;
  const isOurs = error instanceof SettingsError || error instanceof CredentialsError;
  return isOurs ? Exit.Settings : Exit.Failed;
}

void main();
