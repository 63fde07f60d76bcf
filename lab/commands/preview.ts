import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { readEvents } from "../../preview/events";
import { renderFailure, renderPreview } from "../../preview/markdown";
import { foldPreview } from "../../preview/preview";
import { LabError } from "../lab-error";
import { repository } from "./child";

const USAGE = `usage: npm run preview -- --stack S [--markdown] [--no-policy] [--config-file F]
  Previews a stack with the Pulumi CLI, the backend and the credentials of your environment, policy pack included.
  --stack S      the stack: S of Pulumi.S.yaml
  --markdown     prints the body of a pull request's comment; what the engine shows goes to standard error
  --no-policy    leaves the policy pack out
  --config-file  the stack's settings, where they are not in Pulumi.S.yaml
  In the lab: eval "$(npm run -s lab -- env)" first.`;

interface Options {
  stack: string;
  markdown: boolean;
  policy: boolean;
  configFile: string | undefined;
}

/** `npm run preview`: exit code 0 for a preview that an update would follow, else 1. */
export async function run(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-preview-"));
  try {
    const log = path.join(folder, "events.jsonl");
    const { code, output } = await runPreview(options, log);
    if (!options.markdown) return code === 0 ? 0 : 1;
    const { text, good } = comment(options.stack, code, output, log);
    process.stdout.write(`${text}\n`);
    return good ? 0 : 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(args: string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        stack: { type: "string" },
        markdown: { type: "boolean", default: false },
        policy: { type: "boolean", default: true },
        "config-file": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
      allowNegative: true,
    });
    if (values.help) return undefined;
    if (values.stack === undefined) throw new Error("--stack is missing");
    const { stack, markdown, policy, "config-file": configFile } = values;
    return { stack, markdown, policy, configFile };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new LabError(problem, { hint: USAGE, cause: error });
  }
}

/** The engine's own display is for people at the terminal or in the log of a workflow; its events are for us. */
function runPreview(
  { stack, markdown, policy, configFile }: Options,
  log: string,
): Promise<{ code: number; output: string }> {
  const args = ["preview", "--stack", stack, "--non-interactive", "--diff", "--event-log", log];
  if (policy) args.push("--policy-pack", path.join(repository, "policy"));
  if (configFile !== undefined) args.push("--config-file", configFile);
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, {
      cwd: repository,
      // The flag for the event log, which Pulumi's Automation API relies on too, exists under this variable alone.
      env: { ...process.env, PULUMI_DEBUG_COMMANDS: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const show = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-LONGEST_OUTPUT);
      stream.write(chunk);
    };
    child.stdout.on("data", show(markdown ? process.stderr : process.stdout));
    child.stderr.on("data", show(process.stderr));
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") reject(error);
      const hint = `install it, or use the lab's: eval "$(npm run -s lab -- env)"`;
      reject(new LabError("the Pulumi CLI is not on PATH", { hint, cause: error }));
    });
    child.on("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

const LONGEST_OUTPUT = 16_384;

function comment(
  stack: string,
  code: number,
  output: string,
  log: string,
): { text: string; good: boolean } {
  const read = readEvents(fs.existsSync(log) ? fs.readFileSync(log, "utf8") : "");
  if (!read.ok) return { text: renderFailure(stack, read.problem, output), good: false };
  const preview = foldPreview(read.events);
  // An engine that failed before it could say so to its own log has said it on its output.
  if (code !== 0 && !preview.failed) {
    const problem = `pulumi ended with exit code ${String(code)}`;
    return { text: renderFailure(stack, problem, output), good: false };
  }
  return {
    text: renderPreview(stack, preview),
    good: code === 0 && preview.finished && !preview.failed,
  };
}
