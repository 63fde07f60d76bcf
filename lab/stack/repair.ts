import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { LabError } from "../lab-error";
import { pulumi, pulumiOutput, settingsFlag, type StackEngine } from "./engine";

/** An operation that the engine had begun and not recorded the end of. */
export interface PendingOperation {
  kind: string;
  urn: string;
  type: string;
  inputs: Record<string, unknown>;
}

/** Finds the id of the object that an interrupted create made; undefined where it made none. */
export type FindObject = (operation: PendingOperation) => Promise<string | undefined>;

/**
 * Takes up a stack whose engine was killed: frees its lock, and settles what was under way.
 *
 * An object that an interrupted create did make is taken into the state, one that it did not make is
 * forgotten, and the state of everything else is read again; so nothing is made twice and nothing is
 * left behind untracked. Does nothing to a stack that was left in order.
 *
 * @returns what was settled, a line each; empty where nothing was wrong.
 */
export async function repairStack(engine: StackEngine, find: FindObject): Promise<string[]> {
  const unlocked = await freeLock(engine);
  const pending = pendingOperations(await pulumiOutput(engine, ["stack", "export"]));
  if (pending.length === 0) return unlocked;
  const imports: string[] = [];
  for (const operation of pending.filter(({ kind }) => kind === "creating")) {
    const id = await find(operation);
    if (id !== undefined)
      imports.push("--import-pending-creates", operation.urn, "--import-pending-creates", id);
  }
  const args = [
    "refresh",
    "--yes",
    "--skip-preview",
    ...settingsFlag(engine),
    ...imports,
    "--clear-pending-creates",
  ];
  const { code, output } = await pulumi(engine, args, { quiet: true });
  if (code !== 0) {
    throw new LabError(
      `the last run was interrupted, and its state could not be read again:\n${output.trim()}`,
    );
  }
  return [
    ...unlocked,
    ...pending.map(({ kind, urn }) => `${kind} ${urn.split("::").slice(2).join(" ")}`),
  ];
}

/** The operations under way in an exported state. Pure. */
export function pendingOperations(exported: string): PendingOperation[] {
  const state: unknown = JSON.parse(exported);
  const operations = field(field(state, "deployment"), "pending_operations");
  if (!Array.isArray(operations)) return [];
  return operations.map((operation: unknown) => {
    const resource = field(operation, "resource");
    return {
      kind: text(field(operation, "type")),
      urn: text(field(resource, "urn")),
      type: text(field(resource, "type")),
      inputs: { ...record(field(resource, "inputs")) },
    };
  });
}

/**
 * Frees the stack's lock where the process that took it is gone. `pulumi cancel` alone would also take it
 * from one that is at work.
 */
async function freeLock(engine: StackEngine): Promise<string[]> {
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
    .map((file) =>
      Number(field(JSON.parse(fs.readFileSync(path.join(locks, file), "utf8")), "pid")),
    );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function record(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function field(value: unknown, key: string): unknown {
  return Object.entries(record(value)).find(([name]) => name === key)?.[1];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
