import { type ChildProcess, execFile, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { launcherScript } from "../../../../lab/engine/language-host/launcher";
import { keepNoLogs } from "../../../../lab/environment";
import { ensureTools } from "../../../../lab/toolchain";

const REPOSITORY = path.resolve(__dirname, "../../../..");

/** What a finished command left behind. */
export interface Finished {
  code: number | null;
  output: string;
}

/** A temporary folder with programs in it and the CLI with the lab's language host, all of its own. */
export interface Workspace {
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Writes files, by path below the folder. */
  write(files: Record<string, string>): void;
  /** Starts the CLI in a folder of the workspace. */
  start(program: string, ...args: string[]): ChildProcess;
  /** Runs the CLI in a folder of the workspace to its end. */
  pulumi(program: string, ...args: string[]): Promise<Finished>;
  /** Process ids of everything still running that the workspace's CLI started. */
  processes(): number[];
  remove(): void;
}

/** Makes a workspace. Its node_modules are the repository's, one folder above the programs. */
export async function workspace(variables: Record<string, string> = {}): Promise<Workspace> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-engine-"));
  const cli = await prepareCli(path.join(folder, "bin"));
  fs.symlinkSync(path.join(REPOSITORY, "node_modules"), path.join(folder, "node_modules"));
  fs.mkdirSync(path.join(folder, "state"));
  fs.mkdirSync(path.join(folder, "home"));
  keepNoLogs(path.join(folder, "home"));
  const mark = path.basename(folder);
  const env = { ...environment(folder), KVM_FABRIC_TEST_MARK: mark, ...variables };
  const start = (program: string, ...args: string[]) =>
    spawn(cli, args, { cwd: path.join(folder, program), env, stdio: ["ignore", "pipe", "pipe"] });
  return {
    folder,
    env,
    write: (files) => {
      for (const [file, text] of Object.entries(files)) {
        const target = path.join(folder, file);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, text);
      }
    },
    start,
    pulumi: (program, ...args) => finished(start(program, ...args)),
    processes: () => marked(`KVM_FABRIC_TEST_MARK=${mark}`),
    remove: () => {
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function prepareCli(bin: string): Promise<string> {
  const { pulumi } = await ensureTools(["pulumi"]);
  fs.mkdirSync(bin);
  const cli = path.join(bin, "pulumi");
  // The CLI looks for language hosts beside its own real path: a copy, not a symbolic link.
  try {
    fs.linkSync(fs.realpathSync(pulumi), cli);
  } catch {
    fs.copyFileSync(pulumi, cli);
  }
  const host = path.join(bin, "pulumi-language-nodejs");
  fs.writeFileSync(host, launcherScript(process.execPath), { mode: 0o755 });
  return cli;
}

function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH: [path.join(folder, "bin"), path.dirname(process.execPath), PATH].join(path.delimiter),
    HOME,
    PULUMI_HOME: path.join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(folder, "compiled"),
  };
}

/** The Pulumi.yaml and the rest that make a program of a TypeScript text. */
export function program(name: string, text: string, more = ""): Record<string, string> {
  return {
    [`${name}/Pulumi.yaml`]:
      `name: ${name}\nmain: index.ts\nruntime:\n  name: nodejs\n` +
      `  options:\n    tsconfig: tsconfig.run.json\n${more}`,
    [`${name}/package.json`]: JSON.stringify({ name, private: true }),
    [`${name}/tsconfig.run.json`]: TSCONFIG,
    [`${name}/index.ts`]: text,
  };
}

/** A TypeScript configuration without type checks, for programs and plugins. */
export const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    strict: true,
    skipLibCheck: true,
    noCheck: true,
    types: ["node"],
  },
});

/** Waits for a process and gathers what it writes. */
export function finished(child: ChildProcess): Promise<Finished> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, output: stripVTControlCharacters(output) });
    });
  });
}

/** Resolves with all that a process has written once that contains the text; rejects when it ends before. */
export function written(child: ChildProcess, text: string): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(text)) resolve(output);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("close", () => {
      reject(new Error(`ended without ${JSON.stringify(text)}:\n${output}`));
    });
  });
}

/** Runs a command and returns its stdout; rejects with its stderr when it fails. */
export function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}: ${stderr}${stdout}`));
      else resolve(stdout);
    });
  });
}

// Processes whose environment holds the entry (Linux).
function marked(entry: string): number[] {
  const ids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => id !== process.pid && environmentOf(id).includes(entry));
}

function environmentOf(id: number): string[] {
  try {
    return fs.readFileSync(`/proc/${id}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
