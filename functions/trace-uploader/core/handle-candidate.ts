import type { Aside } from "./aside-notes";
import type { Failures } from "./failures";
import { Moved, moveFile } from "./move-file";
import { NotRemovedError } from "./not-removed-error";
import { belowRoot } from "./paths";
import type { RunContext } from "./run-context";
import { sameContents } from "./same-file";
import type { ServerClock } from "./server-clock";
import type { Candidate, SettleQueue } from "./settle-queue";
import type { Tally } from "./tally";
import type { Progress } from "./upload-file";
import { reasonOf, Verdict, verdictOf } from "./verdict";

/** A run's parts. */
export interface Run {
  readonly context: RunContext;
  readonly queue: SettleQueue;
  readonly tally: Tally;
  readonly failures: Failures;
  readonly serverClock: ServerClock;
  /** When it began, in the clock's seconds. */
  readonly startSeconds: number;
  /** Whether it was ended because its time was up. */
  timeIsUp: () => boolean;
}

/** So often a file is looked at in one run that changes between two looks. */
const MOST_LOOKS = 3;
/** So often a file is tried in one run that changes while it is read. */
const MOST_CHANGES = 3;
/** So often a file is tried in one run that fails. */
const MOST_FAILURES = 2;
/** Hours for which a file is left alone that changes whenever it is read: what writes it may soon be done. */
const CHANGING_HOURS = 1;
/** A file that was begun in so early a part of the run, and is not through at its end, is too long for any run. */
const EARLY = 0.25;

/** Takes a second look at a file, and moves it if it is the same. Errors: those that end the run. */
export async function handleCandidate(run: Run, candidate: Candidate): Promise<void> {
  const { context, tally } = run;
  const beganSeconds = context.clock.seconds();
  const progress: Progress = { made: false };
  try {
    await lookAndMove(run, candidate, progress);
  } catch (thrown) {
    const error = thrown instanceof NotRemovedError ? thrown.cause : thrown;
    const verdict = verdictOf(error, context.server, context.signal);
    if (verdict === Verdict.Gone) return;
    if (verdict === Verdict.Busy) {
      tally.leave(candidate.attributes.mtimeNanoseconds);
      return;
    }
    if (verdict === Verdict.File || verdict === Verdict.Refused) {
      const path = thrown instanceof NotRemovedError ? thrown.path : candidate.path;
      await failed(run, { ...candidate, path }, { verdict, reason: reasonOf(error) });
      return;
    }
    // What was brought further is gone on with by the next run; what was not, none brings further.
    if (!progress.made && isTooLong(run, beganSeconds)) {
      const reason = "it takes longer than a run, which brought it no further than the one before";
      run.failures.addLater({ ...asideOf(context, candidate), reason, hours: Infinity });
    } else {
      tally.leave(candidate.attributes.mtimeNanoseconds);
    }
    throw error;
  }
}

async function lookAndMove(run: Run, candidate: Candidate, progress: Progress): Promise<void> {
  const { context, queue, serverClock, tally } = run;
  const { path, attributes, looks, changes } = candidate;
  const now = await context.server.stat(path, { signal: context.signal });
  if (!sameContents(attributes, now)) {
    if (looks >= MOST_LOOKS) tally.leave(now.mtimeNanoseconds);
    else queue.again({ ...candidate, attributes: now, looks: looks + 1 });
    return;
  }
  const folder = path.slice(0, -1);
  const moved = await serverClock.measure(
    folder,
    () => moveFile(context, path, attributes, progress),
    ({ outcome }) => outcome === Moved.Done,
  );
  switch (moved.outcome) {
    case Moved.Done:
      tally.moved++;
      tally.bytes += attributes.size;
      return;
    case Moved.Unconfirmed:
      await failed(run, candidate, {
        verdict: Verdict.Refused,
        reason: "the store does not confirm that it has what was read",
      });
      return;
    case Moved.Changed:
      if (changes + 1 >= MOST_CHANGES) await changing(run, candidate);
      else queue.again({ ...candidate, path: moved.path, looks: 1, changes: changes + 1 });
  }
}

/** A file that failed is tried once more, and then left alone. */
async function failed(
  { context, queue, failures }: Run,
  candidate: Candidate,
  { verdict, reason }: { verdict: Verdict; reason: string },
): Promise<void> {
  if (candidate.failures + 1 < MOST_FAILURES) {
    queue.again({ ...candidate, failures: candidate.failures + 1 });
    return;
  }
  const failure = { ...asideOf(context, candidate), reason, hours: Infinity };
  if (verdict === Verdict.Refused) await failures.refuse(failure, context.signal);
  else await failures.add(failure, context.signal);
}

async function changing({ context, failures }: Run, candidate: Candidate): Promise<void> {
  const reason = "it changes whenever it is read";
  const aside = { ...asideOf(context, candidate), attributes: undefined };
  await failures.add({ ...aside, reason, hours: CHANGING_HOURS }, context.signal);
}

function isTooLong({ context, startSeconds, timeIsUp }: Run, beganSeconds: number): boolean {
  return timeIsUp() && beganSeconds - startSeconds < context.settings.runSeconds * EARLY;
}

function asideOf({ settings }: RunContext, { path, attributes }: Candidate): Aside {
  return { path: belowRoot(settings, path), attributes };
}
