import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { numberAt, textAt } from "../kube/objects";
import { LabError } from "../lab-error";
import { commandOf, processStartTime, startedAt } from "../processes";
import { pulumiOutput, type StackEngine } from "./engine";

/** A stack's lock whose holder is gone. */
export interface StaleLock {
  /** When the run that took it began; undefined where the lock was cut off while it was written. */
  since: Date | undefined;
}

interface Holder {
  pid: number;
  since: Date | undefined;
}

// A clock that was set in between must not make a pulumi at work look like another process.
const CLOCK_TOLERANCE_SECONDS = 60;

/**
 * The lock that a killed run left on the stack; undefined where there is none. Errors: LabError where pulumi is at
 * work on the stack.
 */
export function staleLock(engine: StackEngine): StaleLock | undefined {
  const holders = lockHolders(engine.env.PULUMI_BACKEND_URL, engine.stack);
  const working = holders.find(isAtWork);
  if (working !== undefined) {
    throw new LabError(`pulumi is at work on stack ${engine.stack} (process ${working.pid})`, {
      hint: "wait until it is done, or stop it with Ctrl-C where it runs",
    });
  }
  if (holders.length === 0) return undefined;
  const times = holders.flatMap(({ since }) => since?.getTime() ?? []);
  return { since: times.length === 0 ? undefined : new Date(Math.min(...times)) };
}

/**
 * Frees a stack's lock. `pulumi cancel` takes it from a pulumi at work too: {@link staleLock} comes first.
 */
export async function freeLock(engine: StackEngine): Promise<void> {
  await pulumiOutput(engine, ["cancel", "--yes"]);
}

/** What the locks that a file backend keeps for a stack say. */
function lockHolders(backend: string | undefined, stack: string): Holder[] {
  if (!backend?.startsWith("file://")) return [];
  const locks = path.join(fileURLToPath(backend), ".pulumi", "locks");
  if (!fs.existsSync(locks)) return [];
  return fs
    .readdirSync(locks, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json") && path.basename(path.dirname(file)) === stack)
    .map((file) => holderOf(path.join(locks, file)));
}

/** A lock that was cut off while it was written names nobody: process 0, which never runs. */
function holderOf(file: string): Holder {
  try {
    const lock: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    return { pid: numberAt(lock, "pid") ?? 0, since: dateAt(lock, "timestamp") };
  } catch {
    return { pid: 0, since: undefined };
  }
}

function dateAt(value: unknown, key: string): Date | undefined {
  const date = new Date(textAt(value, key) ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Process ids are given again: the holder is a pulumi that began before the lock was taken. */
function isAtWork({ pid, since }: Holder): boolean {
  if (pid <= 0 || processStartTime(pid) === undefined) return false;
  const command = commandOf(pid);
  if (command !== undefined && command !== "pulumi") return false;
  const began = startedAt(pid);
  if (began === undefined || since === undefined) return true;
  return began.getTime() <= since.getTime() + CLOCK_TOLERANCE_SECONDS * 1000;
}
