import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { labClient } from "../../../lab/cluster/cluster";
import { repository } from "../../../lab/commands/child";
import { stackFolder } from "../../../lab/commands/stack-folders";
import type { LoggedCall } from "../../../lab/engine/simulated-cloud/clouds/request-log";
import type { KubeClient } from "../../../lab/kube/client";
import { nodeArguments } from "../../../lab/node-command";
import { listSimulatedClusters } from "../../../lab/simulated-clusters/record";
import { cloudFolder } from "../../../lab/simulated-clusters/world";
import type { StackEngine } from "../../../lab/stack/engine";
import type { OwnLab } from "../../support/own-lab";

/** What a command of the lab left. */
export interface CommandRun {
  code: number | null;
  output: string;
  stdout: string;
  seconds: number;
}

/** Runs `npm run <args>` on the lab, without what npm and the bootstrap add. */
export function command(lab: OwnLab, ...args: string[]): Promise<CommandRun> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, nodeArguments("lab/main.ts", ...args), {
      cwd: repository,
      env: { ...lab.env, KVM_FABRIC_LAB: lab.state },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, output] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, output, stdout, seconds: (performance.now() - start) / 1000 });
    });
  });
}

/** The engine of a stack that `npm run up` made in the lab. */
export function engineOf(lab: OwnLab, stack: string): StackEngine {
  const pulumi = path.join(lab.state, "bin", "pulumi");
  return { pulumi, env: lab.env, stack, folder: stackFolder(lab.state, stack) };
}

/** The settings of a file of the repository, for a test to change: the configuration and the fabric in it. */
export function settingsOf(file: string): { config: Record<string, unknown>; fabric: any } {
  const { config } = parse(fs.readFileSync(path.join(repository, file), "utf8"));
  return { config, fabric: config["kvm-fabric:fabric"] };
}

/** The calls that the simulated clouds answered. */
export function requests(lab: OwnLab): LoggedCall[] {
  const file = path.join(cloudFolder(lab.state), "requests.jsonl");
  if (!fs.existsSync(file)) return [];
  // What follows the last newline is being written.
  const lines = fs.readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Does something with a client of the lab's only simulated cluster. */
export async function inCluster<T>(
  lab: OwnLab,
  work: (client: KubeClient) => Promise<T>,
): Promise<T> {
  const [only, ...others] = listSimulatedClusters(lab.state);
  if (!only || others.length > 0) throw new Error("not exactly one simulated cluster");
  const client = labClient(only.folder);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
