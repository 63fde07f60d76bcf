import { execFile, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findDaemon, startDaemon, stopDaemon } from "../daemon";
import { LabError } from "../lab-error";
import { childrenOf, endProcesses, identify, isAlive, namespaceMembers } from "../processes";
import { nodePaths } from "./configuration";

/** Where a machine's parts come from. */
export interface MachineParts {
  /** Folder of its own; see {@link machineFolder}. */
  folder: string;
  hostname: string;
  /** Root file system below, which is not changed. */
  tree: string;
  /** Programs laid into it, by their path in it; each a file of this machine. */
  programs: Readonly<Record<string, string>>;
  /** Folders of this machine that it sees as its own, by their path in it. Defaults to none. */
  folders?: Readonly<Record<string, string>>;
}

const INIT_TIMEOUT_SECONDS = 60;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Settings of the kernel that a kubelet insists on. They are the whole machine's, so the node is shown them instead. */
const SHOWN_SETTINGS = {
  "kernel/keys/root_maxbytes": "25000000",
  "kernel/keys/root_maxkeys": "1000000",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
} as const;

/** Lays out a machine's file system and becomes its first process; see there. */
const BOOT = path.join(__dirname, "boot.sh");

/** The folder of a lab's real nodes. */
export function machinesFolder(state: string): string {
  return path.join(state, "nodes");
}

/** The folder of one. */
export function machineFolder(state: string, name: string): string {
  return path.join(machinesFolder(state), name);
}

/** The id of a machine's first process, as this machine counts; undefined where it does not run. */
export function findMachine(state: string, name: string): number | undefined {
  const daemon = findDaemon(state, machineDaemon(name));
  const init = daemon && childrenOf(daemon.pid)[0];
  return init !== undefined && fs.existsSync(booted(init)) ? init : undefined;
}

/** Boots a machine; answers with the id of its first process. Errors: LabError with what it says. */
export async function bootMachine(
  state: string,
  name: string,
  parts: MachineParts,
): Promise<number> {
  const { folder, folders, hostname, tree, programs } = parts;
  for (const [setting, value] of Object.entries(SHOWN_SETTINGS)) {
    const file = path.join(folder, "settings", setting);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `${value}\n`);
  }
  layEtc(path.join(folder, "upper/etc"), hostname);
  const namespaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child"];
  const mounts = Object.entries({ ...programs, ...folders });
  const pairs = mounts.flatMap(([place, source]) => [source, place]);
  const boot = ["sh", BOOT, folder, tree, hostname, ...pairs];
  await startDaemon(state, machineDaemon(name), ["unshare", ...namespaces, ...boot], {
    portEnv: () => ({ PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` }),
    ready: () => Promise.resolve(findMachine(state, name) !== undefined),
    timeoutSeconds: INIT_TIMEOUT_SECONDS,
  });
  const init = findMachine(state, name);
  if (init === undefined) throw new LabError(`node ${name} ended as soon as it began`);
  return init;
}

/** Ends a machine with every process on it; its mounts and its network go with them. Not running is no error. */
export async function endMachine(state: string, name: string): Promise<void> {
  const daemon = findDaemon(state, machineDaemon(name));
  const init = daemon && childrenOf(daemon.pid)[0];
  const identity = init === undefined ? undefined : identify(init);
  // Its first process takes all others with it, but does not end by itself.
  if (identity) await endProcesses([identity], 0);
  if (daemon) {
    const deadline = Date.now() + 10_000;
    while (isAlive(daemon) && Date.now() < deadline) await sleep(20);
  }
  await stopDaemon(state, machineDaemon(name), 0);
}

/** The command that runs a program on a machine, with the environment of a login. */
export function onMachine(init: number, command: readonly string[]): [string, ...string[]] {
  const namespaces = ["--mount", "--pid", "--net", "--uts", "--ipc"];
  const enter = ["--target", String(init), ...namespaces];
  // Without the mark of the lab: what it starts ends with the machine, and never one by one.
  const environment = ["/bin/busybox", "env", "-i", `PATH=${PATH}`, "HOME=/root"];
  return ["nsenter", ...enter, ...environment, ...command];
}

/** Runs a program on a machine to its end; answers with what it prints. `input` is a file given as standard input. */
export async function runOnMachine(
  init: number,
  command: readonly string[],
  { input, timeoutSeconds = 120 }: { input?: string; timeoutSeconds?: number } = {},
): Promise<string> {
  const [program, ...args] = onMachine(init, command);
  const stdin = input === undefined ? "ignore" : fs.openSync(input, "r");
  try {
    return await collect(program, args, stdin, timeoutSeconds);
  } finally {
    if (typeof stdin === "number") fs.closeSync(stdin);
  }
}

/** Runs `ip` of the machine's tree in the network of this machine, or, with `init`, in that of the node. */
export async function ip(tree: string, args: readonly string[], init?: number): Promise<void> {
  const enter = init === undefined ? [] : ["nsenter", `--net=/proc/${init}/ns/net`];
  const [program = "", ...rest] = [...enter, "chroot", tree, "/sbin/ip", ...args];
  await new Promise<void>((resolve, reject) => {
    execFile(program, rest, { timeout: 30_000 }, (error, _, stderr) => {
      if (error) reject(new Error(`ip ${args.join(" ")}: ${stderr.trim() || error.message}`));
      else resolve();
    });
  });
}

/** The live processes of a program on a machine, as this machine counts. */
export function programsOn(init: number, program: string): number[] {
  return namespaceMembers(init).filter((pid) => {
    try {
      return path.basename(fs.readlinkSync(`/proc/${pid}/exe`)) === program;
    } catch {
      return false;
    }
  });
}

/** Ends the processes of a program on a machine. */
export async function endProgramOn(init: number, program: string): Promise<void> {
  await endProcesses(programsOn(init, program).flatMap((pid) => identify(pid) ?? []));
}

/** A file of a machine, seen from this one. */
export function fileOn(init: number, file: string): string {
  return `/proc/${init}/root${file}`;
}

function booted(init: number): string {
  return fileOn(init, "/run/booted");
}

function machineDaemon(name: string): string {
  return `node-${name}`;
}

function layEtc(folder: string, hostname: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const files = {
    hostname: `${hostname}\n`,
    hosts: `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n`,
    "os-release": 'ID=debian\nPRETTY_NAME="Debian packages on a lab node"\n',
    passwd: "root:x:0:0:root:/root:/bin/sh\n",
    group: "root:x:0:\n",
    // Nothing beyond this machine is reached, so no name is looked up either.
    "resolv.conf": "",
  };
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), content);
  }
}

function collect(
  program: string,
  args: string[],
  stdin: number | "ignore",
  timeoutSeconds: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [stdin, "pipe", "pipe"],
      timeout: timeoutSeconds * 1000,
    });
    let [out, err] = ["", ""];
    child.stdout?.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr?.on("data", (data: Buffer) => (err += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(out);
      else
        reject(
          new Error(`${args.slice(-4).join(" ")}: ${err.trim() || `exit code ${code ?? "none"}`}`),
        );
    });
  });
}

/** Where programs lie on a machine. */
export const programPlace = (name: string): string => `${nodePaths.programs}/${name}`;
