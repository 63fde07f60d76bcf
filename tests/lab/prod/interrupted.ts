import { spawn } from "node:child_process";
import { settingsFlag, type StackEngine } from "../../../lab/stack/engine";
import { repository } from "../../support/source-files";
import { until } from "../../support/wait";
import { type Finished, finished } from "../engine/language-host/workspace";

/**
 * Runs a command of the engine until it is in the middle of something, then kills the engine, or ends whatever else
 * `end` ends. Errors: the run ended before.
 */
export async function interrupted(
  engine: StackEngine,
  command: "up" | "destroy",
  isInTheMiddle: () => boolean,
  end?: () => Promise<void>,
): Promise<Finished> {
  const { env, program = repository, pulumi, stack } = engine;
  const flags = ["--yes", "--skip-preview", "--stack", stack, "--non-interactive"];
  const child = spawn(pulumi, [command, ...flags, ...settingsFlag(engine)], { cwd: program, env });
  const ended = finished(child);
  await until(() => isInTheMiddle() || child.exitCode !== null);
  if (!isInTheMiddle()) throw new Error(`it ended before:\n${(await ended).output}`);
  if (end === undefined) child.kill("SIGKILL");
  else await end();
  return ended;
}
