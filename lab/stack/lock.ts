import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { LabError } from "../lab-error";
import { pulumiOutput, type StackEngine } from "./engine";

/**
 * Frees the stack's lock where the process that took it is gone. `pulumi cancel` alone would also take it
 * from one that is at work. Errors: LabError where one is.
 *
 * @returns a line where there was a lock to free.
 */
export async function freeLock(engine: StackEngine): Promise<string[]> {
  const holders = lockHolders(engine.env.PULUMI_BACKEND_URL, engine.stack);
  if (holders.length === 0) return [];
  const alive = holders.find(isRunning);
  if (alive !== undefined) {
    throw new LabError(`pulumi is at work on stack ${engine.stack} (process ${alive})`, {
      hint: "wait until it is done, or stop it with Ctrl-C where it runs",
    });
  }
  await pulumiOutput(engine, ["cancel", "--yes"]);
  return ["the lock that the last run left behind"];
}

/** The process ids in the locks that a file backend keeps for a stack. */
function lockHolders(backend: string | undefined, stack: string): number[] {
  if (!backend?.startsWith("file://")) return [];
  const locks = path.join(fileURLToPath(backend), ".pulumi", "locks");
  if (!fs.existsSync(locks)) return [];
  return fs
    .readdirSync(locks, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json") && path.basename(path.dirname(file)) === stack)
    .map((file) => holderOf(path.join(locks, file)));
}

/** A lock that was cut off while it was written names nobody: 0, which never runs. */
function holderOf(file: string): number {
  try {
    const lock: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    return typeof lock === "object" && lock !== null && "pid" in lock ? Number(lock.pid) : 0;
  } catch {
    return 0;
  }
}

function isRunning(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
