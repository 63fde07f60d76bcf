import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { prepareStack, pulumi, settingsFlag, type StackEngine } from "../../lab/stack/engine";
import { repository } from "../../lab/commands/child";
import type { OwnLab } from "./own-lab";

/** One resource of a stack's state. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  custom: boolean;
  parent?: string;
  inputs?: any;
  outputs?: any;
}

/** A stack of one test, on the real engine. */
export interface LabStack extends StackEngine {
  /** `pulumi <args>` with the stack's settings; output is both streams. */
  run(...args: string[]): Promise<{ code: number; stdout: string; output: string }>;
  /** As `run`, and fails with the output where the exit code is not 0. */
  must(...args: string[]): Promise<string>;
  /** The resources of the state, apart from the stack itself. */
  resources(): Promise<StateResource[]>;
  /** Removes the destroyed stack and its folder. */
  remove(): Promise<void>;
  /** The state's file, as the backend keeps it. */
  stateFile(): string;
  /** What the state's file holds. */
  stateText(): string;
}

/** Makes an empty stack of a program (a folder of the repository), with these settings. */
export async function labStack(
  lab: OwnLab,
  program: string,
  config: Record<string, unknown> = {},
): Promise<LabStack> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-stack-"));
  const engine: StackEngine = {
    pulumi: path.join(lab.state, "bin", "pulumi"),
    env: lab.env,
    stack: lab.unique("test"),
    folder,
    program: path.join(repository, program),
  };
  await prepareStack(engine, { config });
  const stack: LabStack = {
    ...engine,
    run: (...args) => pulumi(engine, [...args, ...settingsOf(engine, args)], { quiet: true }),
    async must(...args) {
      const { code, output } = await stack.run(...args);
      if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
      return output;
    },
    async resources() {
      const { stdout } = await pulumi(engine, ["stack", "export"], { quiet: true });
      const state = JSON.parse(stdout);
      const all: StateResource[] = state.deployment.resources ?? [];
      return all.filter(({ type }) => type !== "pulumi:pulumi:Stack");
    },
    async remove() {
      await stack.must("stack", "rm", "--yes", "--preserve-config");
      fs.rmSync(folder, { recursive: true, force: true });
    },
    stateFile: () => findState(lab.state, engine.stack),
    stateText: () => fs.readFileSync(stack.stateFile(), "utf8"),
  };
  return stack;
}

function settingsOf(engine: StackEngine, [command]: string[]): string[] {
  const takes = ["up", "preview", "refresh", "destroy", "import"].includes(command ?? "");
  return takes ? settingsFlag(engine) : [];
}

function findState(lab: string, stack: string): string {
  const stacks = path.join(lab, "pulumi-state", ".pulumi", "stacks");
  const file = fs
    .readdirSync(stacks, { recursive: true, encoding: "utf8" })
    .find((name) => path.basename(name) === `${stack}.json`);
  if (file === undefined) throw new Error(`no state of stack ${stack}`);
  return path.join(stacks, file);
}
