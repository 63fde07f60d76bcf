import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** The SHA-256 of some content, in hexadecimal digits. */
export const sha256 = (content: string | Buffer) =>
  createHash("sha256").update(content).digest("hex");

/** How a script ended. */
export interface Ended {
  code: number | null;
  signal: string | null;
  stderr: string;
  stdout: string;
}

/** Waits for a script's end. As in a container, nothing outlives it: it leads a process group. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const result: Ended = { code: null, signal: null, stderr: "", stdout: "" };
  child.stdout?.on("data", (data: Buffer) => (result.stdout += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (result.stderr += data.toString()));
  return new Promise((resolve) => {
    child.on("exit", () => {
      signalGroup(child, "SIGKILL");
    });
    child.on("close", (code, signal) => {
      resolve({ ...result, code, signal });
    });
  });
}

/** Sends a signal to a script and all that it started; does nothing where they ended. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The files of a folder with their content, or "-> target" for a link; hidden ones too. */
export function listing(folder: string, prefix = ""): Record<string, string> {
  const entries = fs.readdirSync(path.join(folder, prefix), { withFileTypes: true });
  const found = entries.flatMap((entry): [string, string][] => {
    const name = path.join(prefix, entry.name);
    const file = path.join(folder, name);
    if (entry.isDirectory()) return Object.entries(listing(folder, name));
    if (entry.isSymbolicLink()) return [[name, `-> ${fs.readlinkSync(file)}`]];
    return [[name, fs.readFileSync(file, "utf8")]];
  });
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
