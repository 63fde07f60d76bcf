import * as fs from "node:fs";
import { findDaemon } from "../../../lab/daemon";
import { fieldAt, type KubeObject, listAt, textAt } from "../../../lab/kube/objects";
import { programsOn } from "../../../lab/node/machine";
import type { RunningNode } from "../../../lab/node/node";
import { errorCode } from "../../../lab/toolchain/error-code";
import { eventually } from "../../support/wait";

/** A container of a pod as its kubelet tells of it. */
export interface ContainerState {
  /** As containerd knows it. */
  id: string;
  restarts: number;
}

/** The state of a pod's container; undefined where it has not run yet. */
export function containerOf(pod: KubeObject, name: string): ContainerState | undefined {
  const status = listAt(pod, "status", "containerStatuses").find(
    (one) => textAt(one, "name") === name,
  );
  const id = textAt(status, "containerID")?.replace(/^.*:\/\//, "");
  return id === undefined ? undefined : { id, restarts: Number(fieldAt(status, "restartCount")) };
}

/**
 * The live processes of a control group, lowest id first, as this machine counts. That of a container bears its id, those
 * of a node are all below the node's.
 */
export function processesOf(group: string): number[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => textOf(pid, "cgroup").includes(group))
    .sort((a, b) => a - b);
}

/** The processes of a control group that run a script, by a part of their command line. */
export function runningIn(group: string, script: string): number[] {
  return processesOf(group).filter((pid) => textOf(pid, "cmdline").includes(script));
}

/**
 * Kills a program of a node, as a crash does, and waits until nothing of it is left that could be taken for one that runs.
 */
export async function killProgram(
  state: string,
  { name, init }: RunningNode,
  program: "containerd" | "kubelet",
): Promise<void> {
  const pids = programsOn(init, program);
  expect(pids).not.toEqual([]);
  pids.forEach(killIfThere);
  await eventually(`${program} is gone`, () => {
    // One that has ended keeps its sockets until the last of its threads is gone.
    const left = pids.filter((pid) => fs.existsSync(`/proc/${pid}`));
    const daemon = findDaemon(state, `node-${name}.${program}`);
    return Promise.resolve(left.length === 0 && daemon === undefined);
  });
}

/** Sends SIGKILL; one that ended meanwhile is no error. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

function textOf(pid: number, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
