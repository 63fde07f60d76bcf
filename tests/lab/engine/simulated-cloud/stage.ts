import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { nodeArguments } from "../../../../lab/node-command";
import { freePorts } from "../../../../lab/ports";
import { until } from "../../../support/wait";
import {
  type Finished,
  program,
  type Workspace,
  workspace,
  written,
} from "../language-host/workspace";

const REPOSITORY = path.resolve(__dirname, "../../../..");
const MAIN = path.join(REPOSITORY, "lab/engine/simulated-cloud/main.ts");

/** A program, the real engine, and simulated clouds behind it. */
export interface Stage {
  lab: Workspace;
  /** Folder of the simulated clouds. */
  clouds: string;
  /** Runs the CLI on the program. */
  pulumi(...args: string[]): Promise<Finished>;
  /** Makes the clouds behave: the text of settings.json. */
  behave(settings: object): void;
  /** File names of the objects that exist. */
  objects(): string[];
  /** Removes the objects whose file name fits, behind the engine's back. */
  lose(pattern: RegExp): void;
  /** Calls so far, as the request log has them. */
  requests(): {
    operation: string;
    type: string;
    name: string;
    outcome: string;
    notes?: string[];
  }[];
  /** Kills the provider and starts it anew on the same port. */
  restart(): Promise<void>;
  close(): void;
}

/** Sets the stage for a program with some configuration. */
export async function stage(text: string, config: Record<string, string>): Promise<Stage> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-clouds-"));
  const [port = 0] = await freePorts(1);
  let provider = await start(port, folder);
  const names = ["aws", "gcp", "azure-native", "random"].map((name) => `${name}:${port}`);
  const lab = await workspace({ PULUMI_DEBUG_PROVIDERS: names.join(",") });
  lab.write(program("clouds", text));
  const pulumi = (...args: string[]) => lab.pulumi("clouds", ...args);
  await pulumi("stack", "init", "dev");
  for (const [key, value] of Object.entries(config)) await pulumi("config", "set", key, value);
  const objects = path.join(folder, "objects");
  return {
    lab,
    clouds: folder,
    pulumi,
    behave: (settings) => {
      fs.writeFileSync(path.join(folder, "settings.json"), JSON.stringify(settings));
    },
    objects: () => fs.readdirSync(objects).sort(),
    lose: (pattern) => {
      for (const file of fs.readdirSync(objects)) {
        if (pattern.test(file)) fs.rmSync(path.join(objects, file));
      }
    },
    requests: () =>
      fs
        .readFileSync(path.join(folder, "requests.jsonl"), "utf8")
        .split("\n")
        // What follows the last newline is being written.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as ReturnType<Stage["requests"]>[number]),
    restart: async () => {
      const old = provider;
      old.kill("SIGKILL");
      await until(() => old.signalCode !== null);
      provider = await start(port, folder);
    },
    close: () => {
      provider.kill();
      fs.rmSync(folder, { recursive: true, force: true });
      lab.remove();
    },
  };
}

/** Starts the provider, and waits until it listens. */
async function start(port: number, folder: string): Promise<ChildProcess> {
  const env = { ...process.env, PORT: String(port), KVM_FABRIC_CLOUDS: folder };
  const child = spawn(process.execPath, nodeArguments(MAIN), {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await written(child, "\n");
  return child;
}
