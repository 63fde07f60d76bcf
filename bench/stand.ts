import * as path from "node:path";
import { repository } from "../lab/commands/child";
import type { RunningLab } from "../lab/commands/lab/start";
import { pulumiOutput, readSettings, settingsFlag, type StackEngine } from "../lab/stack/engine";
import { withoutProtection } from "../lab/stack/unprotect";
import { measure, type MeasuredRun } from "./measure";

/** Rounds of each measurement; the programs take turns, so that a busy machine slows all of them alike. */
export const ROUNDS = 5;

/** Settings of a stack, as in its file. */
export type Settings = Record<string, any>;

/** Where the benchmarks run: a lab of their own. */
export interface Stand {
  /** Folder of the lab. */
  folder: string;
  /** The engine of a stack of that name, of the program in a folder (defaults to the repository's). */
  engine(stack: string, program?: string): StackEngine;
  /** The settings of one of the repository's stacks, with nothing protected. */
  settings(stack: string): Settings;
}

/** The stand in a running lab. */
export function standIn({ state, env, record }: RunningLab): Stand {
  const engine = (stack: string, program?: string): StackEngine => ({
    ...{ pulumi: record.pulumi, env, stack, folder: path.join(state, "stacks", stack) },
    ...(program !== undefined && { program: path.join(repository, "bench", "programs", program) }),
  });
  const settings = (stack: string) => withoutProtection(readSettings(engine(stack)));
  return { folder: state, engine, settings };
}

/** Runs `pulumi <operation>` on a stack, and measures it. */
export function measured(
  engine: StackEngine,
  operation: string,
  ...flags: string[]
): Promise<MeasuredRun> {
  const stack = ["--stack", engine.stack, "--non-interactive", ...settingsFlag(engine)];
  const args = [operation, ...flags, ...stack];
  return measure(engine.pulumi, args, { cwd: engine.program ?? repository, env: engine.env });
}

/** Brings a stack up, takes its state with secrets in plain text, and takes it down again. */
export async function recordedState(engine: StackEngine): Promise<string> {
  await pulumiOutput(engine, ["up", "--yes", "--skip-preview", ...settingsFlag(engine)]);
  const exported = await pulumiOutput(engine, ["stack", "export", "--show-secrets"]);
  await destroy(engine);
  return exported;
}

/** Takes a stack down. */
export async function destroy(engine: StackEngine): Promise<void> {
  await pulumiOutput(engine, ["destroy", "--yes", "--skip-preview", ...settingsFlag(engine)]);
}
