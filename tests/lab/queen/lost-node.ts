import { setTimeout as sleep } from "node:timers/promises";
import type { RunningNode } from "../../../lab/node/node";
import { stopServices } from "../../../lab/node/services";
import { identify, isAlive, namespaceMembers, programOf } from "../../../lab/processes";
import { eventually } from "../../support/wait";
import { processesOf } from "../node/containers";

/** The QEMUs in the pods of a node, as this machine counts. */
export function guestsOn({ cgroup }: RunningNode): number[] {
  return processesOf(cgroup).filter((pid) => programOf(pid) === "qemu-system-x86_64");
}

/**
 * Kills a node with all that runs on it, at once, as a machine dies: of a namespace's processes the kernel kills all as soon
 * as the first is killed. Nobody is told, and nothing is drained.
 */
export async function killNode(state: string, { name, init, cgroup }: RunningNode): Promise<void> {
  const all = [...namespaceMembers(init), ...processesOf(cgroup)];
  const identities = all.flatMap((pid) => identify(pid) ?? []);
  process.kill(init, "SIGKILL");
  await eventually(`nothing of node ${name} runs`, () =>
    Promise.resolve(!identities.some(isAlive)),
  );
  // What plays its device and its way to the API server from outside of it.
  await stopServices(state, name);
}

/** Asks again and again until it is stopped; says then how often it asked, and how often the answer was yes. */
export function keepAsking(ask: () => boolean | Promise<boolean>) {
  const stopped = new AbortController();
  const counts = { asked: 0, yes: 0 };
  const asking = (async () => {
    while (!stopped.signal.aborted) {
      if (await ask()) counts.yes += 1;
      counts.asked += 1;
      await sleep(100);
    }
  })();
  return async (): Promise<typeof counts> => {
    stopped.abort();
    await asking;
    return counts;
  };
}
