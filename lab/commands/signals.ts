import type { ChildProcess } from "node:child_process";
import { ownChildren } from "../processes";

/** The numbers of the signals that end a command, as exit codes have them (128 + number). */
export const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Signals that are passed on in the hope of a good end; the one after them ends everything. */
const PATIENCE = 2;

/** The command was told to end by a signal; what it ran has ended. */
export class Interrupted extends Error {
  /** As a shell has it: 128 + the signal's number. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}; the next command takes up what is half done`);
    this.name = "Interrupted";
    this.exitCode = exitCodeOf(signal);
  }
}

const children = new Set<ChildProcess>();
let first: NodeJS.Signals | undefined;
let count = 0;

/** Notes a program in the foreground, to which signals are passed on. */
export function enterChild(child: ChildProcess): void {
  children.add(child);
}

/** Forgets a program that has ended. */
export function leaveChild(child: ChildProcess): void {
  children.delete(child);
}

/** The signal that told this command to end; undefined while none did. */
export function interruption(): NodeJS.Signals | undefined {
  return first;
}

/**
 * Passes on to the program in the foreground (pulumi, kubectl, jest) what tells this process to end, and lets it
 * end well; this process then ends with 128 + the signal's number. Whoever insists gets out, and nothing stays
 * behind: the third signal kills the program. Without a program in the foreground the first one ends this process
 * and the compilers it started. What is half done, the next command repairs.
 */
export function handleSignals(): void {
  for (const signal of ENDING) process.on(signal, interrupt);
}

function interrupt(signal: NodeJS.Signals): void {
  first ??= signal;
  count += 1;
  if (children.size === 0 || count > PATIENCE) {
    for (const child of children) child.kill("SIGKILL");
    endOwnChildren(signal);
    process.exit(exitCodeOf(first));
  }
  if (signal === "SIGINT" && isOnTerminal()) return;
  for (const child of children) child.kill(signal);
}

// Ctrl-C reaches the program by itself: a second one would mean "stop at once" to it.
function isOnTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}

function endOwnChildren(signal: NodeJS.Signals): void {
  for (const pid of ownChildren()) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the look and the call.
    }
  }
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + (signalNumbers[signal] ?? 0);
}
