import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../lab-error";
import { LAB_MARKER, processStartTime } from "../processes";
import { CLUSTER_NAME, type ClusterTools } from "./config";
import { clusterFolder, kwokHome, writeKubeconfig } from "./files";

// The two that all others wait for; where one ends, kwokctl would wait for two minutes all the same.
const VITAL_PROGRAMS = ["etcd", "kube-apiserver"];

const LOG_TAIL_LINES = 8;

/**
 * Makes and starts the cluster described by `configFile`, and writes `<state>/kubeconfig`.
 * Errors: LabError with the end of the log of the part that failed. Parts that did start go on running.
 */
export async function createWithKwokctl(
  state: string,
  tools: ClusterTools,
  configFile: string,
): Promise<void> {
  const log = path.join(state, "logs", "kwokctl.log");
  fs.mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 });
  const out = fs.openSync(log, "w", 0o600);
  const args = ["create", "cluster", "--name", CLUSTER_NAME, "--config", configFile];
  const child = spawn(tools.kwokctl, [...args, "--kubeconfig", ""], {
    cwd: state,
    detached: true,
    env: {
      ...process.env,
      // kwokctl looks for kubectl on PATH before it would download one.
      PATH: `${path.dirname(tools.kubectl)}${path.delimiter}${process.env.PATH ?? ""}`,
      KWOK_WORKDIR: kwokHome(state),
      // The kubectl that kwokctl runs would otherwise keep its cache in the home folder.
      KUBECACHEDIR: path.join(state, "kube-cache"),
      // A tenth of their processor time, for as much memory again as they hold alive, twice.
      GOGC: process.env.GOGC ?? "300",
      [LAB_MARKER]: state,
    },
    stdio: ["ignore", out, out],
  });
  fs.closeSync(out);
  const ended = new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => {
      resolve(error.message);
    });
    child.on("close", (code) => {
      resolve(code === 0 ? undefined : `exit code ${code ?? "none"}`);
    });
  });
  const failed = await Promise.race([ended, vitalProgramEnded(state, ended)]);
  if (failed !== undefined) {
    child.kill("SIGKILL");
    throw failure(state, failed, log);
  }
  writeKubeconfig(state, path.join(state, "kubeconfig"));
}

async function vitalProgramEnded(
  state: string,
  ended: Promise<string | undefined>,
): Promise<string | undefined> {
  const over = new AbortController();
  void ended.then(() => {
    over.abort();
  });
  while (!over.signal.aborted) {
    for (const program of VITAL_PROGRAMS) {
      const pid = pidOf(state, program);
      if (pid !== undefined && processStartTime(pid) === undefined) return `${program} ended`;
    }
    await sleep(100);
  }
  return ended;
}

function pidOf(state: string, program: string): number | undefined {
  try {
    const text = fs.readFileSync(path.join(clusterFolder(state), "pids", `${program}.pid`), "utf8");
    // kwokctl writes the file after the process is started; an empty one is about to be filled.
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function failure(state: string, problem: string, kwokctlLog: string): LabError {
  const program = VITAL_PROGRAMS.find((name) => problem.startsWith(`${name} `));
  const log =
    program === undefined ? kwokctlLog : path.join(clusterFolder(state), "logs", `${program}.log`);
  const lines = fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : [];
  const tail = lines.slice(-LOG_TAIL_LINES).map((line) => `  ${line.slice(0, 400)}`);
  return new LabError([`the cluster did not start: ${problem}`, ...tail].join("\n"), {
    hint: `the whole log is ${log}`,
  });
}
