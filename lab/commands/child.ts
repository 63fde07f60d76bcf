import { spawn } from "node:child_process";
import * as path from "node:path";
import { enterChild, Interrupted, interruption, leaveChild, signalNumbers } from "./signals";

/** The root of the repository: where the program, the tests and node_modules lie. */
export const repository = path.resolve(__dirname, "../..");

/** What a finished process left behind. */
export interface Finished {
  /** Exit code; 128 + the signal's number where a signal ended it, as a shell has it. */
  code: number;
  /** Standard output; empty where it was shown as it came. */
  stdout: string;
  /** Standard output and error in the order they came; empty where they were shown as they came. */
  output: string;
}

/** How a process is run. */
export interface ChildOptions {
  env?: NodeJS.ProcessEnv;
  /** Defaults to the repository's root. */
  cwd?: string;
  /** Collects the output instead of showing it as it comes. Defaults to false. */
  quiet?: boolean;
}

/**
 * Runs a program to its end. Signals to this process reach it, see signals.ts.
 *
 * Errors: the program cannot be started; {@link Interrupted} where this process was told to end, however the program
 * ended then, so that nothing is begun after it.
 */
export function runChild(
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<Finished> {
  const quiet = options.quiet ?? false;
  return new Promise((resolve, reject) => {
    const before = interruption();
    if (before !== undefined) {
      reject(new Interrupted(before));
      return;
    }
    const child = spawn(program, args, {
      cwd: options.cwd ?? repository,
      env: options.env ?? process.env,
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    enterChild(child);
    let stdout = "";
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      output += chunk.toString();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", (error) => {
      leaveChild(child);
      reject(error);
    });
    child.on("close", (code, signal) => {
      leaveChild(child);
      const interrupted = interruption();
      if (interrupted !== undefined) reject(new Interrupted(interrupted));
      resolve({ code: code ?? 128 + ((signal && signalNumbers[signal]) ?? 0), stdout, output });
    });
  });
}

/** The path of a locked tool of node_modules (jest, prettier, oxlint ...). */
export function nodeTool(name: string): string {
  return path.join(repository, "node_modules", ".bin", name);
}
