import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import {
  prepareStack,
  pulumi,
  pulumiOutput,
  readSettings,
  settingsFile,
  settingsFlag,
} from "../stack/engine";
import { findInCluster } from "../stack/find-object";
import { repairStack } from "../stack/repair";
import { stackArguments } from "./arguments";
import { removeLab, stopLab } from "./lab/stop";
import {
  contextState,
  openContextStack,
  openLabStack,
  type StackSession,
  withContext,
} from "./stack-session";

const usage = "usage: npm run down [-- --all] [--context NAME]";

/**
 * `npm run down`: destroys the stack and stops the lab. With `--all` the lab's state and the cache of tools
 * go too. Nothing that was never made is an error.
 */
export async function run(args: string[]): Promise<number> {
  const { context, all, help } = stackArguments(args, usage, ["context", "all"]);
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { state, cache } = labPaths();
  if (context !== undefined) {
    if (hasStack(contextState(context))) await destroy(await openContextStack(context));
    await removeLab(contextState(context));
    return 0;
  }
  if (hasStack(state)) await destroy(await openLabStack());
  await stopLab(state);
  if (!all) return 0;
  const contexts = path.join(state, "contexts");
  if (fs.existsSync(contexts) && fs.readdirSync(contexts).length > 0) {
    throw new LabError(`${contexts} holds the state of stacks on other clusters`, {
      hint: "destroy each of them first: npm run down -- --context NAME",
    });
  }
  await removeLab(state);
  fs.rmSync(cache, { recursive: true, force: true });
  return 0;
}

/** Says whether a stack was made and not yet destroyed: its settings stand for it. */
function hasStack(state: string): boolean {
  return fs.existsSync(path.join(state, "stack"));
}

async function destroy(session: StackSession): Promise<void> {
  const { engine } = session;
  try {
    await prepareStack(engine, withContext(readSettings(engine), session.context));
    await repairStack(engine, findInCluster(session.client));
    const { code } = await pulumi(engine, [
      "destroy",
      "--yes",
      "--skip-preview",
      ...settingsFlag(engine),
    ]);
    if (code !== 0) {
      throw new LabError(`pulumi destroy ended with exit code ${code}`, {
        hint: "run it again: it goes on where it ended; npm run lab -- stop ends the lab with the stack in it",
      });
    }
    await pulumiOutput(engine, ["stack", "rm", "--yes", "--preserve-config"]);
    fs.rmSync(path.dirname(settingsFile(engine)), { recursive: true, force: true });
  } finally {
    session.client.close();
  }
}
