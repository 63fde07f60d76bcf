import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { labPaths } from "../../../../../lab/paths";
import { ended, type Ended, signalGroup } from "../../node-provisioner/script/ended";

/** A shell that runs the scripts, and where their tools are. */
export interface Shell {
  name: string;
  command: string[];
  path: string;
}

/** A folder that goes when the file's tests have ended. */
function toolsOf(busybox: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "busybox-tools-"));
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  execFileSync(busybox, ["--install", "-s", folder]);
  // Debian's lacks it; Alpine's has it.
  const flock = execFileSync("sh", ["-c", "command -v flock"]).toString().trim();
  fs.rmSync(path.join(folder, "flock"), { force: true });
  fs.symlinkSync(flock, path.join(folder, "flock"));
  return folder;
}

/** The machine's shell with its tools, and busybox's where the lab's tests have brought it. */
export function shells(): Shell[] {
  const machine = { name: "sh", command: ["sh"], path: process.env.PATH ?? "" };
  const busybox = path.join(labPaths().cache, "busybox/bin/busybox");
  if (!fs.existsSync(busybox)) return [machine];
  return [machine, { name: "busybox", command: [busybox, "sh"], path: toolsOf(busybox) }];
}

/** A script that runs. */
export interface Running {
  child: ChildProcess;
  /** All that it has said so far. */
  said: () => string;
  end: Promise<Ended>;
  stop: () => Promise<Ended>;
}

/** Starts a script as a container would. */
export function start(shell: Shell, script: string, env: Record<string, string>): Running {
  const [program = "", ...words] = shell.command;
  const child = spawn(program, [...words, "-c", script], {
    env: { PATH: shell.path, ...env },
    detached: true,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => (said += data.toString()));
  }
  const end = ended(child);
  return {
    child,
    said: () => said,
    end,
    stop: async () => {
      child.kill("SIGTERM");
      return end;
    },
  };
}

/** Kills what still runs of a script. */
export function kill({ child }: Running): void {
  signalGroup(child, "SIGKILL");
}
