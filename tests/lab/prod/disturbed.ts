import type { LoggedCall } from "../../../lab/engine/simulated-cloud/clouds/request-log";
import { UNANSWERED } from "../../../lab/engine/simulated-cloud/clouds/performed";
import { findInWorld, madeInWorld } from "../../../lab/simulated-clusters/world";
import { pulumiOutput, type StackEngine } from "../../../lab/stack/engine";
import { repairStack } from "../../../lab/stack/repair";
import { engineRun } from "./engine-run";
import type { Call, Failure } from "./failures";
import { interrupted } from "./interrupted";

/** The simulated clouds that a stack is disturbed in. */
export interface Clouds {
  /** Folder of the lab's state. */
  state: string;
  /** Makes them behave: the text of settings.json. */
  behave: (settings: object) => void;
  /** Calls so far. */
  requests: () => Pick<LoggedCall, "outcome">[];
  /** Kills their provider and starts it anew; left out where no run does. */
  restart?: () => Promise<void>;
}

/** What a disturbed run left, once the stack is in order again. */
export interface Disturbed {
  code: number | null;
  output: string;
  /** What tells at which resource it ended: its output, or of a killed engine what was settled. */
  said: string;
  /** What was settled, a line each. */
  settled: string[];
}

/** Runs a command that fails so at this call, and then does what `npm run up` and `npm run down` do before anything else. */
export async function disturbed(
  engine: StackEngine,
  clouds: Clouds,
  command: "up" | "destroy",
  failure: Failure,
  call: Call,
): Promise<Disturbed> {
  clouds.behave(failure.settings(call));
  const { code, output } = await run(engine, clouds, command, failure);
  clouds.behave({});
  const settled = await settle(engine, clouds.state);
  return { code, output, settled, said: failure.killed === "engine" ? settled.join("\n") : output };
}

async function run(
  engine: StackEngine,
  { requests, restart }: Clouds,
  command: "up" | "destroy",
  { killed }: Failure,
) {
  if (killed === undefined) return engineRun(engine, command);
  const before = requests().length;
  const isAsked = () =>
    requests()
      .slice(before)
      .some(({ outcome }) => outcome === UNANSWERED);
  return interrupted(engine, command, isAsked, killed === "engine" ? undefined : restart);
}

/** Settles what the last run left half done; a line for each. */
export function settle(engine: StackEngine, state: string): Promise<string[]> {
  const find = findInWorld(state, () => pulumiOutput(engine, ["stack", "export"]));
  return repairStack(engine, find, () => madeInWorld(state));
}
