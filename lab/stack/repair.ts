import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { pulumi, pulumiOutput, settingsFlag, type StackEngine } from "./engine";
import { freeLock } from "./lock";
import { type FindObject, settlePending } from "./pending";

/**
 * Takes up a stack whose engine was killed: frees its lock, and settles what was under way.
 *
 * An object that an interrupted create did make is taken into the state, one that it did not make is
 * forgotten, and the state of everything else is read again; so nothing is made twice and nothing is
 * left behind untracked. Does nothing to a stack that was left in order.
 *
 * The engine's own way, `refresh --import-pending-creates`, turns a pending create into a pending import
 * and then drops it (seen with 3.259), so the state is edited here by `stack export` and `stack import`.
 *
 * @returns what was settled, a line each; empty where nothing was wrong.
 */
export async function repairStack(engine: StackEngine, find: FindObject): Promise<string[]> {
  const unlocked = await freeLock(engine);
  const { state, settled } = await settlePending(
    await pulumiOutput(engine, ["stack", "export"]),
    find,
  );
  if (settled.length === 0) return unlocked;
  const file = path.join(engine.folder, "settled-state.json");
  // Secrets in it are encrypted, as in the backend.
  fs.writeFileSync(file, state, { mode: 0o600 });
  await pulumiOutput(engine, ["stack", "import", "--file", file]);
  fs.rmSync(file);
  const refresh = ["refresh", "--yes", "--skip-preview", ...settingsFlag(engine)];
  const { code, output } = await pulumi(engine, refresh, { quiet: true });
  if (code !== 0) {
    throw new LabError(
      `the last run was interrupted, and its state could not be read again:\n${output.trim()}`,
    );
  }
  return [...unlocked, ...settled];
}
