import { type Report, StopReason, uploadOnce } from "./core";
import { queenTls, type SecretReader } from "./credentials";
import { connect } from "./ninep";
import type { Settings, StoreSettings } from "./settings";
import type { Store } from "./stores/store";

/** What differs from one target to the next. */
export interface RunParts {
  /** What the environment says. */
  settings: Settings;
  /** Makes the target's store. */
  makeStore: (settings: StoreSettings) => Store;
  /** Reads secrets of the target's cloud. */
  readSecret: SecretReader;
  /** Gives the run up; what is under way is gone on with by the next. */
  signal: AbortSignal;
  /** Seconds that the target gives this run. Defaults to the setting's. */
  secondsLeft?: number;
}

/** A run that could not do its work, for which a later one may be better. */
export class RunError extends Error {
  readonly report: Report;

  constructor(report: Report) {
    super(`the run ended at the ${report.stopReason ?? ""}: ${report.stopError ?? ""}`);
    this.name = "RunError";
    this.report = report;
  }
}

/**
 * One run of the uploader, from the settings to the report. Errors: CredentialsError; NinepError where the Queen cannot be reached. A
 * run that loses her or the store later reports that.
 */
export async function runOnce(parts: RunParts): Promise<Report> {
  const { makeStore, readSecret, signal } = parts;
  const { queen, store, upload } = parts.settings;
  const limitSeconds = Math.min(upload.timeLimitSeconds, parts.secondsLeft ?? Infinity);
  const start = performance.now();
  const server = await connect({
    host: queen.host,
    port: queen.port,
    tls: await queenTls(queen, readSecret, signal),
    uname: queen.user,
    aname: queen.tree,
    ...(queen.userId !== undefined && { userId: queen.userId }),
    signal,
  });
  try {
    const usedSeconds = (performance.now() - start) / 1000;
    const runSeconds = Math.max(limitSeconds - upload.stopBeforeSeconds - usedSeconds, 1);
    const settings = { ...upload, prefix: store.prefix, runSeconds };
    return await uploadOnce({ server, store: makeStore(store), settings, signal });
  } finally {
    server.close();
  }
}

/** Fails where the run lost the Queen or the store; a run whose time was up has done its work, and so has one with files set aside. */
export function requireWork(report: Report): void {
  const { stopReason } = report;
  if (stopReason === StopReason.Server || stopReason === StopReason.Store) {
    throw new RunError(report);
  }
}
