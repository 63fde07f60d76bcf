import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { planWorker } from "../../../components/worker/plan";
import { registrationEnvironment } from "../../../components/worker/registration";
import { Vmm } from "../../../components/worker/vmm";
import { freePorts } from "../../../lab/ports";
import type { Catalogue } from "../../support/consul-catalogue";
import { exampleFolder } from "../../support/examples";
import { eventually } from "../../support/wait";
import {
  ended,
  type Ended,
  signalGroup,
} from "../../unit/components/node-provisioner/script/ended";
import { PLAYED_QEMU } from "./played-qemu";

/** What a worker is tried with. */
export interface LauncherOptions {
  /** Defaults to none. */
  catalogue?: Catalogue;
  /** Further variables. Defaults to none. */
  environment?: Record<string, string>;
}

/** The example's launcher in a folder of its own, minding a played QEMU. */
export interface Launcher {
  /** Makes a file beside the played QEMU, which obeys it. */
  tell: (name: string, content?: string) => void;
  untell: (name: string) => void;
  /** Waits until the played QEMU has removed a file. */
  obeyed: (name: string) => Promise<void>;
  /** The lines that the played QEMU's monitor was told. */
  said: () => string[];
  /** The worker's own folder. */
  run: string;
  start: () => void;
  signal: (signal: NodeJS.Signals) => void;
  /** The status of an answer to GET /health; 0 where there is none, or none within 15 s. */
  health: () => Promise<number>;
  becomes: (status: number) => Promise<void>;
  ended: () => Promise<Ended>;
  remove: () => void;
}

/** The tools that the launcher is run with, by name of its shell. */
export interface Shell {
  name: string;
  command: string[];
  path: string;
}

/** The machine's own shell and tools, and busybox's alone; curl is the machine's, as it is the image's. */
export function shells(busybox: string, folder: string): Shell[] {
  const own = path.join(folder, "own");
  const alone = path.join(folder, "busybox");
  for (const made of [own, alone]) fs.mkdirSync(made, { recursive: true });
  execFileSync(busybox, ["--install", "-s", alone]);
  const curl = execFileSync("sh", ["-c", "command -v curl"]).toString().trim();
  fs.rmSync(path.join(alone, "curl"), { force: true });
  fs.symlinkSync(curl, path.join(alone, "curl"));
  fs.symlinkSync(busybox, path.join(own, "busybox"));
  return [
    { name: "sh", command: ["sh"], path: `${own}:${process.env.PATH ?? ""}` },
    { name: "busybox", command: [busybox, "sh"], path: alone },
  ];
}

/** Lays out a launcher that is not started yet. */
export async function launcherStand(
  shell: Shell,
  options: LauncherOptions = {},
): Promise<Launcher> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-worker-"));
  const run = path.join(home, "run");
  const qemu = path.join(home, "qemu");
  fs.writeFileSync(qemu, PLAYED_QEMU, { mode: 0o755 });
  const [port = 0] = await freePorts(1);
  const env = {
    PATH: shell.path,
    KVM_FABRIC_RUN: run,
    KVM_FABRIC_HEALTH_PORT: String(port),
    KVM_FABRIC_DRAINING: path.join(run, "draining"),
    ...(options.catalogue && consulEnvironment(options.catalogue, port)),
    CONSUL_CACERT: path.join(home, "ca.pem"),
    ...options.environment,
  };
  fs.writeFileSync(env.CONSUL_CACERT, options.catalogue?.caCertificate ?? "");
  const worker = path.join(exampleFolder("worker-image"), "worker");
  const pipe = `pipe,id=drain,path=${path.join(run, "monitor")}`;
  const [program, ...words] = [...shell.command, worker, qemu, "-chardev", pipe];
  let child: ReturnType<typeof spawn> | undefined;
  let result: Promise<Ended> | undefined;
  const health = () => statusOf(port);
  return {
    run,
    health,
    tell(name, content = "") {
      // Whole at once: the played QEMU may look while it is written.
      const file = path.join(home, name);
      fs.writeFileSync(`${file}.partial`, content);
      fs.renameSync(`${file}.partial`, file);
    },
    untell(name) {
      fs.rmSync(path.join(home, name));
    },
    obeyed: async (name) => {
      const file = path.join(home, name);
      await eventually(`${name} is obeyed`, () => Promise.resolve(!fs.existsSync(file)));
    },
    said() {
      const file = path.join(home, "said");
      return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
    },
    start() {
      child = spawn(program, words, { env, detached: true });
      result = ended(child);
    },
    signal(signal) {
      child?.kill(signal);
    },
    becomes: async (status) => {
      await eventually(`/health is ${status}`, async () => (await health()) === status);
    },
    ended: () => result ?? Promise.reject(new Error("not started")),
    remove() {
      if (child) signalGroup(child, "SIGKILL");
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What the component gives a worker, with what Kubernetes resolves in it. */
function consulEnvironment(catalogue: Catalogue, port: number): Record<string, string> {
  const plan = planWorker("drones", {
    assetSet: "assets-0",
    image: `registry.example.com/worker@sha256:${"0".repeat(64)}`,
    namespace: "agents",
    vmm: Vmm.Qemu,
    healthPort: port,
    qemu: { launcher: "/usr/local/bin/worker" },
    consul: {
      address: catalogue.address,
      caCertificate: catalogue.caCertificate,
      datacenter: "dc1",
      tokenSecretName: "token",
    },
  });
  if (!plan.ok || plan.plan.registration === undefined) throw new Error(JSON.stringify(plan));
  const fields: Record<string, string> = { NODE_NAME: "node-1", POD_IP: "127.0.0.1" };
  const resolved = registrationEnvironment(plan.plan.registration).map(({ name, value }) => {
    if (typeof value !== "string") throw new Error(`${name} is not known`);
    return [name, value.replace(/\$\((\w+)\)/g, (_, field: string) => fields[field] ?? "")];
  });
  return {
    ...fields,
    ...Object.fromEntries(resolved),
    CONSUL_HTTP_ADDR: catalogue.address,
    CONSUL_HTTP_TOKEN: catalogue.token,
    WORKER_CONSUL_SECONDS: "1",
  };
}

function statusOf(port: number): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(
      { port, path: "/health", agent: false, timeout: 15_000 },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => {
      resolve(0);
    });
  });
}
