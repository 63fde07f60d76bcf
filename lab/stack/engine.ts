import * as fs from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { writeAtomically } from "../atomic-file";
import { type Finished, repository, runChild } from "../commands/child";
import { LabError } from "../lab-error";

/** One stack of this repository's program, and the engine and environment that run it. */
export interface StackEngine {
  /** Absolute path of the pulumi CLI. */
  pulumi: string;
  env: NodeJS.ProcessEnv;
  /** Name of the stack, as in `Pulumi.<stack>.yaml`. */
  stack: string;
  /** Folder that keeps the stack's working copy of its settings; not part of the repository. */
  folder: string;
  /** Folder of the program. Defaults to the repository's root. */
  program?: string;
  /** File of the stack's settings. Defaults to `Pulumi.<stack>.yaml` of the program. */
  configFile?: string;
}

/** Runs `pulumi <args>` on the stack, in the program's folder. */
export function pulumi(
  engine: StackEngine,
  args: readonly string[],
  options: { quiet?: boolean } = {},
): Promise<Finished> {
  const whole = [...args, "--stack", engine.stack, "--non-interactive"];
  return runChild(engine.pulumi, whole, {
    cwd: engine.program ?? repository,
    env: engine.env,
    quiet: options.quiet ?? false,
  });
}

/** The standard output of `pulumi <args>`. Errors: an exit code other than 0, with what pulumi said. */
export async function pulumiOutput(engine: StackEngine, args: readonly string[]): Promise<string> {
  const { code, stdout, output } = await pulumi(engine, args, { quiet: true });
  if (code !== 0) throw new LabError(`pulumi ${args.join(" ")} failed:\n${output.trim()}`);
  return stdout;
}

/** The flag that makes pulumi read the stack's working copy of its settings. */
export function settingsFlag(engine: StackEngine): string[] {
  return ["--config-file", settingsFile(engine)];
}

/** What a stack's settings file holds. */
export interface StackSettings {
  config?: Record<string, unknown>;
  encryptionsalt?: unknown;
}

/** Reads the stack's settings; where its file is elsewhere, or gone, those that it was last brought up with. */
export function readSettings(engine: StackEngine): StackSettings {
  const { configFile, program = repository, stack } = engine;
  if (configFile !== undefined) return readYaml(path.resolve(configFile));
  const own = path.join(program, `Pulumi.${stack}.yaml`);
  const last = settingsFile(engine);
  return readYaml(!fs.existsSync(own) && fs.existsSync(last) ? last : own);
}

/**
 * Writes the stack's working copy of its settings, and makes the stack where there is none.
 *
 * Pulumi writes the salt of the stack's passphrase into the file that it reads its settings from; with
 * a copy, `npm run up` never changes a file of the repository.
 */
export async function prepareStack(engine: StackEngine, settings: StackSettings): Promise<void> {
  const file = settingsFile(engine);
  const salt = fs.existsSync(file) ? readYaml(file).encryptionsalt : undefined;
  fs.mkdirSync(engine.folder, { recursive: true, mode: 0o700 });
  writeAtomically(
    file,
    stringify({ ...settings, ...(salt !== undefined && { encryptionsalt: salt }) }),
  );
  if (await stackExists(engine)) return;
  // `stack init` knows no --config-file: it runs beside a copy of the project file and no settings.
  const project = readYaml(path.join(engine.program ?? repository, "Pulumi.yaml"));
  const copy = { name: project.name, runtime: "nodejs" };
  writeAtomically(path.join(engine.folder, "Pulumi.yaml"), stringify(copy));
  const args = ["stack", "init", engine.stack, "--no-select", "--non-interactive"];
  const { code, output } = await runChild(engine.pulumi, args, {
    cwd: engine.folder,
    env: engine.env,
    quiet: true,
  });
  if (code !== 0) throw new LabError(`the stack could not be made:\n${output.trim()}`);
}

/** Says whether the backend knows the stack. */
export async function stackExists(engine: StackEngine): Promise<boolean> {
  const text = await runChild(engine.pulumi, ["stack", "ls", "--json", "--non-interactive"], {
    cwd: engine.program ?? repository,
    env: engine.env,
    quiet: true,
  });
  if (text.code !== 0) throw new LabError(`the stacks could not be listed:\n${text.output.trim()}`);
  const stacks: unknown = JSON.parse(text.stdout);
  return Array.isArray(stacks) && stacks.some((stack) => asRecord(stack).name === engine.stack);
}

/** The stack's working copy of its settings. */
export function settingsFile(engine: StackEngine): string {
  return path.join(engine.folder, `settings.${engine.stack}.yaml`);
}

function readYaml(file: string): Record<string, unknown> {
  if (!fs.existsSync(file)) {
    throw new LabError(`${file} does not exist`, {
      hint: "take Pulumi.dev.yaml of this repository as a start",
    });
  }
  try {
    return asRecord(parse(fs.readFileSync(file, "utf8")));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new LabError(`${file} is not YAML: ${problem}`, { cause: error });
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
