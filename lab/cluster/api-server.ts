import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../lab-error";
import { arePortsFree } from "../ports";
import { isAlive } from "../processes";
import { answers, clusterProcesses } from "./cluster";
import { clusterFolder, readSettings } from "./files";

/** An API server that was killed. */
export interface KilledApiServer {
  /** Its command line, environment and working folder, to be started with again. */
  command: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

const PROGRAM = "kube-apiserver";
const READY_TIMEOUT_SECONDS = 120;

/**
 * Kills the lab's API server as a crash does, with SIGKILL; all else of the cluster runs on. Errors: LabError where none
 * runs.
 */
export async function killApiServer(state: string): Promise<KilledApiServer> {
  const running = clusterProcesses(state).find(({ program }) => program === PROGRAM);
  if (!running) throw new LabError("the lab has no API server that runs");
  const words = (file: string) =>
    fs.readFileSync(`/proc/${running.pid}/${file}`, "utf8").split("\0").slice(0, -1);
  const killed = {
    command: words("cmdline"),
    env: Object.fromEntries(words("environ").map(variable)),
    cwd: fs.readlinkSync(`/proc/${running.pid}/cwd`),
  };
  process.kill(running.pid, "SIGKILL");
  // Its port is free only once the last of its threads is gone, which may be after the process counts as gone.
  const port = readSettings(state)?.ports.apiServer ?? 0;
  while (isAlive(running) || !(await arePortsFree([port]))) await sleep(5);
  return killed;
}

function variable(line: string): [string, string] {
  const [name = "", value = ""] = line.split(/=(.*)/s);
  return [name, value];
}

/**
 * Starts a killed API server again, as it was; returns once it is ready. Errors: LabError where it is not within two
 * minutes.
 */
export async function reviveApiServer(
  state: string,
  { command, env, cwd }: KilledApiServer,
): Promise<void> {
  const folder = clusterFolder(state);
  const [program = "", ...args] = command;
  const log = fs.openSync(path.join(folder, "logs", `${PROGRAM}.log`), "a");
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", log, log] });
  fs.closeSync(log);
  child.unref();
  fs.writeFileSync(path.join(folder, "pids", `${PROGRAM}.pid`), String(child.pid));
  const deadline = Date.now() + READY_TIMEOUT_SECONDS * 1000;
  while (!(await answers(state))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new LabError("the API server was not ready again", {
        hint: `its log is ${path.join(folder, "logs", `${PROGRAM}.log`)}`,
      });
    }
    await sleep(50);
  }
}
