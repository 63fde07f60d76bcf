import * as fs from "node:fs";
import * as path from "node:path";
import { textAt } from "../kube/objects";
import { writeAtomically } from "../atomic-file";
import { LabError } from "../lab-error";
import { pulumi, pulumiOutput, settingsFlag, type StackEngine } from "./engine";
import { freeLock, staleLock } from "./lock";
import { type ListMade, takeOverLost } from "./lost";
import { type FindObject, settlePending } from "./pending";

/**
 * Takes up a stack whose last run ended in the middle: frees the lock of a killed engine, settles what was under way,
 * and takes over what `listMade` knows of and the engine does not. Defaults to nothing for `listMade`.
 *
 * An object that an interrupted create did make is taken into the state, one that it did not make is
 * forgotten, and the state of everything else is read again; so nothing is made twice and nothing is
 * left behind untracked. Does nothing to a stack that was left in order.
 *
 * It may be killed itself: two files in the stack's folder keep what the next repair must know, when the
 * interrupted run began and that the state still has to be read again.
 *
 * The engine's own way, `refresh --import-pending-creates`, turns a pending create into a pending import
 * and then drops it (seen with 3.259), so the state is edited here by `stack export` and `stack import`.
 *
 * @returns what was settled, a line each; empty where nothing was wrong.
 */
export async function repairStack(
  engine: StackEngine,
  find: FindObject,
  listMade: ListMade = () => [],
): Promise<string[]> {
  const marker = path.join(engine.folder, "settled-state.json");
  const beginning = path.join(engine.folder, "interrupted.json");
  const done = [];
  const lock = staleLock(engine);
  if (lock !== undefined) {
    // Where a killed repair's own lock comes second, the first is the one that counts.
    if (!fs.existsSync(beginning)) writeAtomically(beginning, JSON.stringify(lock));
    await freeLock(engine);
    done.push("the lock that the last run left behind");
  }
  const exported = await pulumiOutput(engine, ["stack", "export"]);
  const pending = await settlePending(exported, find, readBeginning(beginning));
  const { state, taken, left } = takeOverLost(pending.state, listMade());
  const settled = [
    ...pending.settled,
    ...taken.map((what) => `taken over, made although no answer told so: ${what}`),
  ];
  done.push(...left.map((what) => `left alone, made and in no state: ${what}`));
  if (settled.length > 0) {
    // Secrets in it are encrypted, as in the backend.
    writeAtomically(marker, state);
    await pulumiOutput(engine, ["stack", "import", "--file", marker]);
  }
  if (fs.existsSync(marker)) {
    await refreshStack(engine, "the last run was interrupted");
    if (settled.length === 0) done.push("the reading of the state that the last repair began");
    fs.rmSync(marker);
  }
  fs.rmSync(beginning, { force: true });
  return [...done, ...settled];
}

/** Reads the state of everything in the stack again. Errors: LabError with `why` and what pulumi said. */
export async function refreshStack(engine: StackEngine, why: string): Promise<void> {
  const refresh = ["refresh", "--yes", "--skip-preview", ...settingsFlag(engine)];
  const { code, output } = await pulumi(engine, refresh, { quiet: true });
  if (code === 0) return;
  throw new LabError(`${why}, and its state could not be read again:\n${output.trim()}`);
}

function readBeginning(file: string): Date | undefined {
  if (!fs.existsSync(file)) return undefined;
  const date = new Date(textAt(JSON.parse(fs.readFileSync(file, "utf8")), "since") ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
