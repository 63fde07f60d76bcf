import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import { pulumi, pulumiOutput, settingsFlag } from "../stack/engine";
import { protectedUrns, unprotectStack } from "../stack/unprotect";
import { stackArguments, stackFlags } from "./arguments";
import { cacheFiles, removeIfEmpty, removeOwnFiles, stackFiles } from "./lab/own-files";
import { removeLab, stopLab } from "./lab/stop";
import { hasStack, lockedStacks, madeStacks, stackState, withStackLocks } from "./stack-folders";
import { bringInOrder, type StackSession, withStackSession } from "./stack-session";

const usage = "usage: npm run down [-- --all] [--stack NAME] [--context NAME]";

/** What is to be taken down. */
interface Plan {
  state: string;
  context: string | undefined;
  stacks: string[];
  /** Whether what the lab keeps goes too. */
  removes: boolean;
}

/**
 * `npm run down`: destroys the stack (`--stack NAME`, defaults to dev) and stops the lab, unless another stack is in it.
 * With `--all` every stack of the lab is destroyed, and what the lab keeps and the cache of tools go too; whatever else
 * lies in their folders stays. Nothing that was never made is an error.
 */
export async function run(args: string[]): Promise<number> {
  const { context, all, help, stack } = stackArguments(args, usage, ["context", "all", "stack"]);
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const state = stackState(context);
  // Of nothing there is nothing to take down, and no folder to make for a lock.
  if (fs.existsSync(state)) {
    const removes = all || context !== undefined;
    const stacks = all ? [...new Set([stack, ...madeStacks(state)])] : [stack];
    await withStackLocks(state, stacks, () => takeDown({ state, context, stacks, removes }));
    if (removes) removeIfEmpty(state);
  }
  if (context !== undefined) removeIfEmpty(path.dirname(state));
  if (all) removeOwnFiles(labPaths().cache, cacheFiles);
  return 0;
}

async function takeDown({ state, context, stacks, removes }: Plan): Promise<void> {
  for (const stack of stacks.filter((one) => hasStack(state, one))) {
    await withStackSession({ context, stack }, (session) => destroy(session, context));
  }
  const others = [...madeStacks(state), ...lockedStacks(state)].filter(
    (stack) => !stacks.includes(stack),
  );
  if (others.length > 0) {
    process.stderr.write(`other stacks stay as they are: ${[...new Set(others)].join(", ")}\n`);
    return;
  }
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

async function destroy(session: StackSession, context: string | undefined): Promise<void> {
  const { engine, settings } = session;
  await bringInOrder(session);
  if (context === undefined) await unprotectStack(engine, settings);
  else await refuseProtected(session, context);
  const args = ["destroy", "--yes", "--skip-preview", ...settingsFlag(engine)];
  const { code } = await pulumi(engine, args);
  if (code !== 0) {
    throw new LabError(`pulumi destroy ended with exit code ${code}`, {
      hint: "run it again: it goes on where it ended; npm run lab -- stop ends the lab with the stack in it",
    });
  }
  await pulumiOutput(engine, ["stack", "rm", "--yes", "--preserve-config"]);
  session.giveBack(true);
  removeOwnFiles(engine.folder, stackFiles);
  removeIfEmpty(path.dirname(engine.folder));
}

/** On the user's own cluster data is real: what protects it is theirs to take off. */
async function refuseProtected({ engine }: StackSession, context: string): Promise<void> {
  const urns = protectedUrns(await pulumiOutput(engine, ["stack", "export"]));
  if (urns.length === 0) return;
  const lines = urns.map((urn) => `  ${urn.split("::").slice(2).join(" ")}`);
  const flags = stackFlags(engine.stack, context);
  throw new LabError([`stack ${engine.stack} protects from deletion:`, ...lines].join("\n"), {
    hint: `to lose it for good: set deletionProtection: false in Pulumi.${engine.stack}.yaml, npm run up${flags}, then npm run down${flags}`,
  });
}
