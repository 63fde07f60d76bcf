import { residentMib } from "../processes";
import { findMachine, programsOn } from "./machine";
import { findNodeRecord, nodeNames } from "./record";

/** A real node as `npm run lab -- status` tells it. */
export interface NodeState {
  name: string;
  /** Whether its machine and, on it, containerd and kubelet run. */
  runs: boolean;
  /** One line for people. */
  text: string;
}

const PROGRAMS = ["containerd", "kubelet"] as const;

/** The real nodes of a lab. */
export function nodeStates(state: string): NodeState[] {
  return nodeNames(state).map((name) => {
    const init = findMachine(state, name);
    const address = findNodeRecord(state, name)?.network.node ?? "no address";
    const title = `real node ${name}`;
    if (init === undefined) return { name, runs: false, text: `${title}: not running` };
    const parts = PROGRAMS.map((program) => ({ program, pids: programsOn(init, program) }));
    const facts = parts.map(({ program, pids: [pid] }) =>
      pid === undefined ? `no ${program}` : `${program} ${residentMib(pid)} MiB`,
    );
    const runs = parts.every(({ pids }) => pids.length > 0);
    return { name, runs, text: `${title}: ${[address, ...facts].join(", ")}` };
  });
}
