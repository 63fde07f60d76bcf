import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import { pulumi, pulumiOutput, settingsFlag } from "../stack/engine";
import { stackArguments } from "./arguments";
import { cacheFiles, removeIfEmpty, removeOwnFiles, stackFiles } from "./lab/own-files";
import { removeLab, stopLab } from "./lab/stop";
import {
  bringInOrder,
  hasStack,
  stackState,
  type StackSession,
  withStackLock,
  withStackSession,
} from "./stack-session";

const usage = "usage: npm run down [-- --all] [--context NAME]";

/**
 * `npm run down`: destroys the stack and stops the lab. With `--all` what the lab keeps and the cache of
 * tools go too; whatever else lies in their folders stays. Nothing that was never made is an error.
 */
export async function run(args: string[]): Promise<number> {
  const { context, all, help } = stackArguments(args, usage, ["context", "all"]);
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const state = stackState(context);
  // Of nothing there is nothing to take down, and no folder to make for a lock.
  if (fs.existsSync(state)) {
    const removes = all || context !== undefined;
    await withStackLock(state, () => takeDown(state, context, removes));
    if (removes) removeIfEmpty(state);
  }
  if (context !== undefined) removeIfEmpty(path.dirname(state));
  if (all) removeOwnFiles(labPaths().cache, cacheFiles);
  return 0;
}

async function takeDown(
  state: string,
  context: string | undefined,
  removes: boolean,
): Promise<void> {
  if (hasStack(state)) await withStackSession(context, destroy);
  await stopLab(state);
  if (!removes) return;
  if (context === undefined) refuseOtherStacks(path.join(state, "contexts"));
  await removeLab(state);
}

function refuseOtherStacks(contexts: string): void {
  removeIfEmpty(contexts);
  if (!fs.existsSync(contexts)) return;
  throw new LabError(`${contexts} holds the state of stacks on other clusters`, {
    hint: "destroy each of them first: npm run down -- --context NAME",
  });
}

async function destroy(session: StackSession): Promise<void> {
  const { engine } = session;
  await bringInOrder(session);
  const args = ["destroy", "--yes", "--skip-preview", ...settingsFlag(engine)];
  const { code } = await pulumi(engine, args);
  if (code !== 0) {
    throw new LabError(`pulumi destroy ended with exit code ${code}`, {
      hint: "run it again: it goes on where it ended; npm run lab -- stop ends the lab with the stack in it",
    });
  }
  await pulumiOutput(engine, ["stack", "rm", "--yes", "--preserve-config"]);
  removeOwnFiles(engine.folder, stackFiles);
}
