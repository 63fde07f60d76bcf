import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process by an identity that outlives its id: the system gives an id to another process later. */
export interface ProcessIdentity {
  pid: number;
  /** Start time: clock ticks since boot where there is /proc, else the time as ps tells it. */
  startTime: string;
}

/**
 * Environment variable that marks every process of one lab; its value is the lab's state folder. Whatever a
 * killed command left behind is found by it, also where no record was written in time.
 */
export const LAB_MARKER = "KVM_FABRIC_LAB_PROCESS";

const POLL_MILLISECONDS = 25;

/** Where facts about processes come from: Linux has /proc, every other system has ps. */
export type ProcessSource = "proc" | "ps";

const ownSource: ProcessSource = fs.existsSync("/proc/self/stat") ? "proc" : "ps";

/** Start time of a live process; undefined where there is none, or only its exit code is left (zombie). */
export function processStartTime(
  pid: number,
  source: ProcessSource = ownSource,
): string | undefined {
  if (source === "ps") return psStartTime(pid);
  const [state, ...fields] = statFields(pid);
  return state === "Z" || state === "X" ? undefined : fields[18];
}

/** The session of a process: a daemon and the children it has share one, whose id is the daemon's. */
export function sessionOf(pid: number): number {
  return Number(statFields(pid)[3] ?? 0);
}

/** The identity of a live process. */
export function identify(
  pid: number,
  source: ProcessSource = ownSource,
): ProcessIdentity | undefined {
  const startTime = processStartTime(pid, source);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Says whether that very process still runs. */
export function isAlive(process: ProcessIdentity): boolean {
  return processStartTime(process.pid) === process.startTime;
}

/** The time of day at which a live process began, to the second; undefined where it cannot be told. */
export function startedAt(pid: number): Date | undefined {
  const text = psStartTime(pid);
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds);
}

/** The name of a process's program as the kernel keeps it; undefined where there is no process, or no /proc. */
export function commandOf(pid: number): string | undefined {
  return readProc(pid, "comm")?.trimEnd();
}

/**
 * The processes that this one started and that share its session, such as compilers at work: not daemons, which
 * have sessions of their own. Empty where there is no /proc.
 */
export function ownChildren(): number[] {
  const session = sessionOf(process.pid);
  return allPids().filter((pid) => {
    const [, parent] = statFields(pid);
    return Number(parent) === process.pid && sessionOf(pid) === session;
  });
}

/** The processes that a process started and that still run, lowest id first. Empty where there is no /proc. */
export function childrenOf(pid: number): number[] {
  return allPids()
    .filter((one) => Number(statFields(one)[1]) === pid && processStartTime(one) !== undefined)
    .sort((a, b) => a - b);
}

/** The processes that share a namespace of processes with that one, itself included. Empty where there is no /proc. */
export function namespaceMembers(pid: number): number[] {
  const wanted = pidNamespace(pid);
  return wanted === undefined ? [] : allPids().filter((one) => pidNamespace(one) === wanted);
}

/** Resident memory of a process in MiB; 0 once it has ended. */
export function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, "status") ?? "")?.[1];
  return kib === undefined ? 0 : Math.round(Number(kib) / 1024);
}

/** The first word of a process's command line; empty once it has ended. */
export function programOf(pid: number): string {
  return (readProc(pid, "cmdline") ?? "").split("\0")[0] ?? "";
}

/**
 * Every live process of the lab with that state folder, whoever started it, except this one. Empty where there is
 * no /proc: no lab runs there, and the daemons of a command have records.
 */
export function labProcesses(state: string): ProcessIdentity[] {
  const mark = `${LAB_MARKER}=${state}`;
  return allPids()
    .filter((pid) => pid !== process.pid)
    .filter((pid) => (readProc(pid, "environ") ?? "").split("\0").includes(mark))
    .flatMap((pid) => identify(pid) ?? []);
}

/**
 * Asks processes to end, waits up to `graceSeconds` (defaults to 5), then ends those that did not. Only the
 * processes meant are signalled: an id that belongs to another by now is left alone.
 */
export async function endProcesses(
  processes: readonly ProcessIdentity[],
  graceSeconds = 5,
): Promise<void> {
  signal(processes, "SIGTERM");
  await untilEnded(processes, graceSeconds);
  signal(processes, "SIGKILL");
  await untilEnded(processes, 5);
}

async function untilEnded(
  processes: readonly ProcessIdentity[],
  timeoutSeconds: number,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  while (processes.some(isAlive) && Date.now() < deadline) await sleep(POLL_MILLISECONDS);
}

function signal(processes: readonly ProcessIdentity[], name: NodeJS.Signals): void {
  for (const one of processes.filter(isAlive)) {
    try {
      process.kill(one.pid, name);
    } catch {
      // It ended between the look and the call.
    }
  }
}

function allPids(): number[] {
  if (ownSource !== "proc") return [];
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

// Both columns are POSIX or common to Linux, macOS and the BSDs; the C locale keeps the time's form.
function psStartTime(pid: number): string | undefined {
  try {
    const columns = ["-o", "stat=", "-o", "lstart=", "-p", String(pid)];
    const env = { ...process.env, LC_ALL: "C" };
    const line = execFileSync("ps", columns, {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [, state = "", started = ""] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    return state === "" || /^[ZX]/.test(state) ? undefined : started;
  } catch {
    // It ends with 1 where there is no such process.
    return undefined;
  }
}

// From the state on, proc_pid_stat(5): the name before it, in parentheses, may hold spaces and parentheses.
function statFields(pid: number): string[] {
  const stat = readProc(pid, "stat") ?? "";
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function pidNamespace(pid: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

// Entries vanish while they are read, and those of other users may not be read: both count as absent.
function readProc(pid: number, entry: string): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/${entry}`, "utf8");
  } catch {
    return undefined;
  }
}
