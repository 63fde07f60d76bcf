import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

/** How a process ended: with an exit code, or by a signal. */
export interface ProcessEnd {
  code: number | undefined;
  signal: NodeJS.Signals | undefined;
}

/** What a process writes, as it writes it. */
export interface OutputSink {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
}

/** How a process of the user is run. */
export interface ProcessOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Defaults to this process's own stdout and stderr, which the engine reads. */
  output?: OutputSink;
  /** Asks the process to end when it aborts. */
  cancelled: AbortSignal;
  /** The signal that asks; defaults to SIGINT, what a program gets in a terminal. */
  politeSignal?: NodeJS.Signals;
  /** Seconds between asking a process to end and killing it; defaults to 5. */
  graceSeconds?: number;
}

const living = new Set<ChildProcess>();

/**
 * Runs JavaScript in this process's own Node. The program cannot outlive this process: a leash (leash.cjs)
 * ends it even when this process is killed outright.
 * @param args Node's arguments, then the script and the script's arguments.
 */
export function runNode(args: readonly string[], options: ProcessOptions): Promise<ProcessEnd> {
  // In one word, since the SDK takes a separate `--require` for a loader and then loads no TypeScript itself.
  const leash = `--require=${path.join(__dirname, "leash.cjs")}`;
  const env = { ...options.env, KVM_FABRIC_LEASH: String(process.pid) };
  return runProcess(process.execPath, [leash, ...args], { ...options, env });
}

/** Runs a program to its end. Rejects when it cannot be started (ENOENT, EACCES). */
export function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessEnd> {
  const { cwd, env, output, cancelled } = options;
  if (cancelled.aborted) return Promise.resolve({ code: undefined, signal: "SIGINT" });
  const stream = output ? "pipe" : "inherit";
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", stream, stream, "pipe"] });
  living.add(child);
  if (output) {
    child.stdout?.on("data", (chunk: Buffer) => {
      output.stdout(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      output.stderr(chunk);
    });
  }
  const ask = () => {
    stop(child, options);
  };
  cancelled.addEventListener("abort", ask);
  return ended(child).finally(() => {
    cancelled.removeEventListener("abort", ask);
    living.delete(child);
  });
}

/** Kills every process started here that still runs. */
export function killAll(): void {
  for (const child of living) child.kill("SIGKILL");
}

function ended(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    // "close", not "exit": by then all that it wrote has been read.
    child.on("close", (code, signal) => {
      resolve({ code: code ?? undefined, signal: signal ?? undefined });
    });
  });
}

function stop(child: ChildProcess, { politeSignal = "SIGINT", graceSeconds = 5 }: ProcessOptions) {
  child.kill(politeSignal);
  const timer = setTimeout(() => child.kill("SIGKILL"), graceSeconds * 1000);
  child.once("exit", () => {
    clearTimeout(timer);
  });
}
