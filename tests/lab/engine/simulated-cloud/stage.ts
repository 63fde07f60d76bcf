import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { nodeArguments } from "../../../../lab/node-command";
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
  const clouds = { folder: "", port: "0" };
  let provider = await start(clouds.port, (folder) => (clouds.folder = folder));
  clouds.port = provider.port;
  const names = ["aws", "gcp", "azure-native", "random"].map((name) => `${name}:${clouds.port}`);
  const lab = await workspace({ PULUMI_DEBUG_PROVIDERS: names.join(",") });
  lab.write(program("clouds", text));
  const pulumi = (...args: string[]) => lab.pulumi("clouds", ...args);
  await pulumi("stack", "init", "dev");
  for (const [key, value] of Object.entries(config)) await pulumi("config", "set", key, value);
  const objects = path.join(clouds.folder, "objects");
  return {
    lab,
    clouds: clouds.folder,
    pulumi,
    behave: (settings) => {
      fs.writeFileSync(path.join(clouds.folder, "settings.json"), JSON.stringify(settings));
    },
    objects: () => fs.readdirSync(objects).sort(),
    lose: (pattern) => {
      for (const file of fs.readdirSync(objects)) {
        if (pattern.test(file)) fs.rmSync(path.join(objects, file));
      }
    },
    requests: () =>
      fs
        .readFileSync(path.join(clouds.folder, "requests.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as ReturnType<Stage["requests"]>[number]),
    restart: async () => {
      const old = provider.process;
      old.kill("SIGKILL");
      await until(() => old.signalCode !== null);
      provider = await start(clouds.port, () => undefined, clouds.folder);
    },
    close: () => {
      provider.process.kill();
      fs.rmSync(clouds.folder, { recursive: true, force: true });
      lab.remove();
    },
  };
}

async function start(
  port: string,
  told: (folder: string) => void,
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-clouds-")),
): Promise<{ process: ChildProcess; port: string }> {
  told(folder);
  const env = { ...process.env, PORT: port, KVM_FABRIC_CLOUDS: folder };
  const child = spawn(process.execPath, nodeArguments(MAIN), {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { process: child, port: (await written(child, "\n")).trim() };
}
