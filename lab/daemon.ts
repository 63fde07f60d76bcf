import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "./atomic-file";
import { LabError } from "./lab-error";
import { freePorts } from "./ports";
import { endProcesses, identify, isAlive, LAB_MARKER, type ProcessIdentity } from "./processes";

/** A long-lived process of the lab, as its record says. */
export interface Daemon extends ProcessIdentity {
  name: string;
  command: string[];
  /** Port on 127.0.0.1, once it is ready. */
  port?: number;
  /** Hash of all that it was started from: another one means that it must be started anew. */
  key: string;
}

/** How a daemon is started. */
export interface DaemonOptions {
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  /**
   * For programs that must be told their port: gets a free one, answers with the environment that tells it.
   * Defaults to waiting for the port: a daemon of ours prints it as its first line of stdout.
   */
  portEnv?: (port: number) => Record<string, string>;
  /** Asked again and again, once there is a port, until it says true. Defaults to always true. */
  ready?: (port: number) => Promise<boolean>;
  /** How long it may take until it is ready, or answers again. Defaults to 180: one that ends is noticed at once. */
  timeoutSeconds?: number;
  /** Folder in which it finds programs before those of this process's PATH. Defaults to none. */
  pathFirst?: string;
  /** What else decides whether a running one is still the right one, such as a hash of its source. */
  version?: string;
}

const POLL_MILLISECONDS = 20;
const LOG_TAIL_LINES = 15;

/**
 * Starts a daemon that outlives this process, or finds it running with the same command, environment and
 * version. Errors: LabError with the end of its log where it ends, or is not ready in time; nothing is left running then.
 */
export async function startDaemon(
  state: string,
  name: string,
  command: readonly [string, ...string[]],
  options: DaemonOptions = {},
): Promise<Daemon> {
  const key = keyOf(command, options);
  const running = findDaemon(state, name);
  if (running?.port !== undefined && running.key === key) {
    // Busy is not broken: one that lives is given as long as one that starts.
    if ((await portOnceReady(running, options, () => running.port)) !== undefined) return running;
  }
  await stopDaemon(state, name);
  const [port = 0] = options.portEnv ? await freePorts(1) : [];
  const env = { ...options.env, ...pathOf(options), ...options.portEnv?.(port) };
  const started = launch(state, name, command, env, key);
  try {
    const daemon = { ...started, port: await untilReady(state, started, options, port) };
    writeRecord(state, daemon);
    return daemon;
  } catch (error) {
    await stopDaemon(state, name);
    throw error;
  }
}

/** Ends a daemon and removes its record; one that does not run, or has no record, is no error. */
export async function stopDaemon(state: string, name: string, graceSeconds = 5): Promise<void> {
  const record = readRecord(recordFile(state, name));
  if (record) await endProcesses([record], graceSeconds);
  fs.rmSync(recordFile(state, name), { force: true });
  fs.rmSync(portFile(state, name), { force: true });
}

/** The running daemon of that name. */
export function findDaemon(state: string, name: string): Daemon | undefined {
  const record = readRecord(recordFile(state, name));
  return record && isAlive(record) ? record : undefined;
}

/** All daemons that have a record, with whether they run. */
export function listDaemons(state: string): { daemon: Daemon; alive: boolean }[] {
  const folder = path.join(state, "daemons");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => readRecord(path.join(folder, file)) ?? [])
    .map((daemon) => ({ daemon, alive: isAlive(daemon) }));
}

/** Where a daemon's stderr goes. */
export function daemonLog(state: string, name: string): string {
  return path.join(state, "logs", `${name}.log`);
}

function pathOf({ pathFirst }: DaemonOptions): Record<string, string> {
  const { PATH = "" } = process.env;
  return pathFirst === undefined ? {} : { PATH: `${pathFirst}${path.delimiter}${PATH}` };
}

// The rest of PATH does not count: the same lab is used from shells that differ in it.
function keyOf(command: readonly string[], options: DaemonOptions): string {
  const { env = {}, pathFirst = "", version = "" } = options;
  const parts = JSON.stringify([command, env, pathFirst, version]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 16);
}

function launch(
  state: string,
  name: string,
  command: readonly [string, ...string[]],
  env: Record<string, string>,
  key: string,
): Daemon {
  for (const folder of ["daemons", "logs"]) {
    fs.mkdirSync(path.join(state, folder), { recursive: true, mode: 0o700 });
  }
  // Files, not pipes: a pipe breaks, and takes the daemon with it, when this process ends.
  const out = fs.openSync(portFile(state, name), "w", 0o600);
  const log = fs.openSync(daemonLog(state, name), "w", 0o600);
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: state,
    detached: true,
    env: {
      ...process.env,
      // Clients of Kubernetes would otherwise keep a cache in the home folder.
      KUBECACHEDIR: path.join(state, "kube-cache"),
      ...env,
      [LAB_MARKER]: state,
    },
    stdio: ["ignore", out, log],
  });
  // Without a listener a program that cannot be started would end this process; the missing id says it too.
  child.on("error", () => undefined);
  child.unref();
  fs.closeSync(out);
  fs.closeSync(log);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (!identity) throw failure(state, name, "could not be started");
  const daemon = { name, ...identity, command: [...command], key };
  writeRecord(state, daemon);
  return daemon;
}

async function untilReady(
  state: string,
  daemon: Daemon,
  options: DaemonOptions,
  givenPort: number,
): Promise<number> {
  const told = () => givenPort || announcedPort(state, daemon.name);
  const port = await portOnceReady(daemon, options, told);
  if (port !== undefined) return port;
  if (!isAlive(daemon)) throw failure(state, daemon.name, "ended before it was ready");
  throw failure(state, daemon.name, `was not ready within ${timeoutOf(options)} s`);
}

/** Where a daemon listens once it is ready; undefined where it ends before, or is not ready in time. */
async function portOnceReady(
  daemon: Daemon,
  options: DaemonOptions,
  told: () => number | undefined,
): Promise<number | undefined> {
  const deadline = Date.now() + timeoutOf(options) * 1000;
  while (isAlive(daemon) && Date.now() < deadline) {
    const port = told();
    if (port !== undefined && (options.ready === undefined || (await options.ready(port)))) {
      return port;
    }
    await sleep(POLL_MILLISECONDS);
  }
  return undefined;
}

const timeoutOf = ({ timeoutSeconds = 180 }: DaemonOptions): number => timeoutSeconds;

function announcedPort(state: string, name: string): number | undefined {
  const line = /^(\d+)\n/.exec(fs.readFileSync(portFile(state, name), "utf8"))?.[1];
  return line === undefined ? undefined : Number(line);
}

function failure(state: string, name: string, problem: string): LabError {
  const log = daemonLog(state, name);
  const lines = fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : [];
  const tail = lines.slice(-LOG_TAIL_LINES).map((line) => `  ${line}`);
  return new LabError([`${name} ${problem}`, ...tail].join("\n"), {
    hint: `its whole log is ${log}; "npm run lab -- stop" and "start" begin anew`,
  });
}

function recordFile(state: string, name: string): string {
  return path.join(state, "daemons", `${name}.json`);
}

function portFile(state: string, name: string): string {
  return path.join(state, "daemons", `${name}.out`);
}

function writeRecord(state: string, daemon: Daemon): void {
  writeAtomically(recordFile(state, daemon.name), `${JSON.stringify(daemon)}\n`);
}

function readRecord(file: string): Daemon | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    return isDaemon(value) ? value : undefined;
  } catch {
    // No record, or one cut off by a full disk: there is nothing to go by.
    return undefined;
  }
}

function isDaemon(value: unknown): value is Daemon {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "startTime" in value &&
    typeof value.startTime === "string" &&
    "key" in value &&
    typeof value.key === "string" &&
    "command" in value &&
    Array.isArray(value.command)
  );
}
