import { FileType } from "../ninep";
import { PART_BYTES, type Store } from "../stores/store";
import { AsideNotes } from "./aside-notes";
import { BufferPool } from "./buffer-pool";
import type { Clock } from "./clock";
import { Failures } from "./failures";
import type { FileServer } from "./file-server";
import { handleCandidate, type Run } from "./handle-candidate";
import { belowRoot } from "./paths";
import type { Report } from "./report";
import type { RunContext } from "./run-context";
import type { RunSettings } from "./run-settings";
import { ServerClock } from "./server-clock";
import { Lane, SettleQueue } from "./settle-queue";
import { Stopping } from "./stopping";
import { systemClock } from "./system-clock";
import { placeName } from "./taken-name";
import { Tally } from "./tally";
import { walk, type Walked } from "./walk";

/** What a run is given. */
export interface UploadOptions {
  /** A session, which stays open. */
  server: FileServer;
  store: Store;
  settings: RunSettings;
  /** Stops the run early. Defaults to none. */
  signal?: AbortSignal;
  /** Defaults to the machine's. */
  clock?: Clock;
}

/** Files that may wait for their second look; in memory each takes less than a kilobyte. */
const MOST_WAITING = 10_000;
/** Bytes from which a file is large. */
const LARGE_BYTES = 256 * 1024 * 1024;
/** Seconds for the last notes of a run that was stopped. */
const LAST_SECONDS = 10;

/**
 * Moves all files below the folders to the store, once. Never fails: the report says what became of it. A file is removed only after the store
 * confirmed its length and SHA-256. Ended at any point, and however, the next run goes on.
 */
export async function uploadOnce(options: UploadOptions): Promise<Report> {
  const { server, store, settings, clock = systemClock } = options;
  const startSeconds = clock.seconds();
  const stopping = new Stopping(clock, server, settings.runSeconds, options.signal);
  const context: RunContext = {
    ...{ server, store, settings, clock, signal: stopping.signal },
    buffers: new BufferPool(settings.filesAtOnce * settings.partsAtOnce * PART_BYTES),
  };
  const queue = new SettleQueue(clock, {
    ...{ settleSeconds: settings.settleSeconds, capacity: MOST_WAITING, largeBytes: LARGE_BYTES },
  });
  const [tally, notes] = [new Tally(), new AsideNotes(context)];
  const [failures, serverClock] = [new Failures(notes, tally), new ServerClock(context)];
  const timeIsUp = () => stopping.timeIsUp;
  const run: Run = { context, queue, tally, failures, serverClock, startSeconds, timeIsUp };
  await stopping.guard(async () => {
    await notes.load(context.signal);
    await serverClock.load();
  });
  const lanes = Array.from({ length: settings.filesAtOnce }, (_, index) =>
    stopping.guard(() =>
      work(run, index === 0 && settings.filesAtOnce > 1 ? Lane.Large : Lane.Small),
    ),
  );
  await Promise.all([stopping.guard(() => bring(run, notes)), ...lanes]);
  for (const { attributes } of queue.waiting) tally.leave(attributes.mtimeNanoseconds);
  await stopping.end(async () => {
    const signal = AbortSignal.timeout(LAST_SECONDS * 1000);
    await failures.end(signal);
    await serverClock.save(signal);
  });
  failures.keepRest();
  return {
    ...tally.report((mtime) => serverClock.ageSeconds(mtime)),
    ...stopping.report(),
    seconds: Math.round((clock.seconds() - startSeconds) * 1000) / 1000,
  };
}

/** Brings what the walk comes upon into the queue. */
async function bring(run: Run, notes: AsideNotes): Promise<void> {
  const { context, queue, tally } = run;
  let isComplete = true;
  try {
    for await (const walked of walk(context)) {
      // Of one of the folders itself it comes only where that could not be gone through.
      if (walked.isTop) isComplete = false;
      await receive(run, notes, walked);
    }
    tally.isComplete = isComplete;
  } finally {
    queue.end();
  }
}

async function receive(
  { context, queue, tally, failures }: Run,
  notes: AsideNotes,
  { path, attributes, reason, isTop }: Walked,
): Promise<void> {
  const below = belowRoot(context.settings, path);
  // A folder changes whenever something in it does; that makes it no better.
  const lasting = attributes?.type === FileType.Directory ? undefined : attributes;
  const aside = { path: below, attributes: lasting };
  if (isTop) {
    // All that is in it would be set aside with it, and nobody the wiser.
    tally.fail(below, reason ?? "");
  } else if (notes.has(aside)) {
    tally.setAside++;
  } else if (reason !== undefined || attributes === undefined) {
    const failure = { ...aside, reason: reason ?? "nothing is known of it", hours: Infinity };
    await failures.add(failure, context.signal);
  } else if (isPartial(context.settings, path.at(-1))) {
    tally.leave(attributes.mtimeNanoseconds);
  } else {
    await queue.add({ path, attributes, looks: 1, changes: 0, failures: 0 }, context.signal);
  }
}

/** Whether a name says that the file is not whole yet. Pure. */
export function isPartial(
  { partialSuffixes }: Pick<RunSettings, "partialSuffixes">,
  name: Uint8Array | undefined,
): boolean {
  if (name === undefined) return false;
  const text = Buffer.from(placeName(name)).toString("latin1");
  const ends = partialSuffixes.map((suffix) => Buffer.from(suffix).toString("latin1"));
  return text.startsWith(".") || ends.some((end) => text.endsWith(end));
}

async function work(run: Run, lane: Lane): Promise<void> {
  const { context, queue } = run;
  for (;;) {
    const candidate = await queue.take(lane, context.signal);
    if (candidate === undefined) return;
    try {
      await handleCandidate(run, candidate);
    } finally {
      queue.done();
    }
  }
}
