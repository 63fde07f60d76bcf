import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../lab-error";
import { pulumi, settingsFlag } from "../stack/engine";
import { type FabricStatus, readStatus } from "../status/read";
import { DEFAULT_STACK, stackArguments, stackFlags } from "./arguments";
import { stackState, withStackLock } from "./stack-folders";
import { bringInOrder, type StackSession, userClient, withStackSession } from "./stack-session";
import type { StackCluster } from "./stack-target";

const usage = "usage: npm run up [-- --stack NAME] [--config-file FILE] [--context NAME]";

/**
 * `npm run up`: the toolchain, the lab, then a real `pulumi up` of a stack in it (`--stack NAME`, defaults to dev),
 * whatever its target: clouds are simulated there. `--config-file FILE` holds its settings, where they are not in
 * `Pulumi.NAME.yaml`. Or, with `--context NAME`, on a cluster of the user's. Whatever a
 * killed run left half done is settled first.
 */
export async function run(args: string[]): Promise<number> {
  const given = stackArguments(args, usage, ["config-file", "context", "stack"]);
  const { configFile, context, help, stack } = given;
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  // Before a folder is made for it: a context that is not there is refused.
  if (context !== undefined) userClient(context).close();
  return withStackLock(stackState(context), stack, () =>
    withStackSession({ configFile, context, stack }, async (session) => {
      await bringInOrder(session);
      await update(session);
      session.giveBack(false);
      const clusters = await session.clusters();
      for (const cluster of clusters) {
        process.stdout.write(summary(await settledStatus(cluster), stack, cluster.title));
      }
      process.stdout.write(suggestions(stack, context));
      return 0;
    }),
  );
}

async function update({ engine }: StackSession): Promise<void> {
  const { code } = await pulumi(engine, ["up", "--yes", ...settingsFlag(engine)]);
  if (code === 0) return;
  throw new LabError(`pulumi up ended with exit code ${code}`, {
    hint: "what is wrong stands above; after it is put right, run it again: it goes on where it ended",
  });
}

const SETTLE_TIMEOUT_MILLISECONDS = 300_000;
const LOOK_MILLISECONDS = 250;
/** So often in a row: what counts pods may lag a moment behind what labels nodes. */
const SETTLED_LOOKS = 4;
const TELL_MILLISECONDS = 5000;

/** Nodes are proven, and workers start, after Pulumi is done: waits for that for a while, and says so. */
async function settledStatus({ client }: StackCluster): Promise<FabricStatus> {
  const begun = Date.now();
  let settled = 0;
  let told = false;
  for (;;) {
    const status = await readStatus(client);
    settled = isSettled(status) ? settled + 1 : 0;
    if (settled === SETTLED_LOOKS) return status;
    const waited = Date.now() - begun;
    if (waited > SETTLE_TIMEOUT_MILLISECONDS) return status;
    if (!told && settled === 0 && waited > TELL_MILLISECONDS) {
      process.stderr.write("waiting until nodes are proven and pods are ready, up to 5 minutes\n");
      told = true;
    }
    await sleep(LOOK_MILLISECONDS);
  }
}

function isSettled({ nodes, workers, consul, services }: FabricStatus): boolean {
  const closed = nodes.some((node) => node.kvm && !node.proven);
  const waiting = [...workers, ...consul, ...services].some(
    ({ ready, desired }) => ready < desired,
  );
  const unplaced =
    workers.some(({ desired }) => desired === 0) && nodes.some(({ proven }) => proven);
  return !closed && !waiting && !unplaced;
}

/** What runs on a cluster of a stack's. Pure. */
export function summary(status: FabricStatus, stack: string, cluster: string): string {
  const kvm = status.nodes.filter((node) => node.kvm);
  const proven = kvm.filter((node) => node.proven);
  const sets = [...new Set(proven.map(({ assetSet }) => assetSet))].join(", ");
  const lines = [
    "",
    `The ${stack} stack runs on ${cluster}:`,
    `  nodes     ${status.nodes.length}, ${kvm.length} with KVM, ${proven.length} proven${sets === "" ? "" : ` (${sets})`}`,
    ...[...status.workers, ...status.consul, ...status.services].map(
      ({ namespace, name, ready, desired }) =>
        `  ${namespace === "" ? "" : `${namespace}/`}${name}: ${ready} of ${desired} ready`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** What is simulated, and what to try next. Pure. */
export function suggestions(stack: string, context: string | undefined): string {
  const flags = stackFlags(stack, context);
  const lines = [
    ...(context === undefined
      ? ["  Its nodes are simulated: the control plane is real, no container runs."]
      : []),
    "",
    "Try next:",
    `  npm run status${flags}`,
    ...(context === undefined && stack === DEFAULT_STACK
      ? ["  npm run lab -- kubectl get pods -A -o wide", "  npm run lab -- nodes 100"]
      : []),
    `  npm run down${flags}`,
    "",
  ];
  return lines.join("\n");
}
