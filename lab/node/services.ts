import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { readSettings } from "../cluster/files";
import { SERVICE_ADDRESS } from "../cluster/config";
import { nodeCommand } from "../node-command";
import { startDaemon, stopDaemon } from "../daemon";
import { labPaths } from "../paths";
import {
  containerdConfig,
  kubeletArguments,
  kubeletConfig,
  kubeletPorts,
  nodeKubeconfig,
  nodePaths,
} from "./configuration";
import { nodeCredentials } from "./certificates";
import { debianTree } from "./debian";
import {
  endProgramOn,
  fileOn,
  ip,
  machineFolder,
  onMachine,
  programPlace,
  programsOn,
} from "./machine";
import { cniConfig } from "./network";
import type { NodeRecord } from "./record";
import { DNS_ADDRESS, SERVICE_RANGE } from "./service-gate/services";

/** What runs beside a node's machine, last started first. */
const SERVICES = ["service-gate", "device-plugin", "kubelet", "containerd", "api-gate"] as const;

const KUBELET_TIMEOUT_SECONDS = 180;

/** The device that a node's plugin hands over, and to how many pods at once. */
export interface PluginOffer {
  resource: string;
  slots: number;
  device: string;
}

/** Writes what a node's programs read, with new keys where it has none. */
export async function writeConfiguration(state: string, record: NodeRecord): Promise<void> {
  const folder = path.join(machineFolder(state, record.name), "var/lib/lab");
  fs.mkdirSync(path.join(folder, "cni"), { recursive: true, mode: 0o700 });
  const credentials = fs.existsSync(path.join(folder, "serving.key"))
    ? {}
    : await nodeCredentials(state, record.name, record.network.node);
  const files: Record<string, string> = {
    ...credentials,
    "kubelet.yaml": kubeletConfig(record, record.cgroup),
    kubeconfig: nodeKubeconfig(`https://${SERVICE_ADDRESS}:443`),
    "containerd.toml": containerdConfig(),
    "cni/10-lab.conflist": cniConfig(record.network),
  };
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), content, { mode: 0o600 });
  }
}

/** Starts what a node is made of, but its device plugin; whatever runs and is right is left alone. */
export async function startServices(
  state: string,
  record: NodeRecord,
  init: number,
): Promise<void> {
  await startGate(state, record, init);
  await startContainerd(state, record, init);
}

/** Starts a node's kubelet, or finds it running. */
export async function startKubelet(state: string, record: NodeRecord, init: number): Promise<void> {
  const { name, network } = record;
  const command = [programPlace("kubelet"), ...kubeletArguments(record, network)];
  const ready = () => answers(`http://${network.node}:${kubeletPorts.health}/healthz`);
  if (!(await ready())) {
    // One whose record was lost would keep the ports.
    await endProgramOn(init, "kubelet");
  }
  await startDaemon(state, daemonName(name, "kubelet"), onMachine(init, command), {
    portEnv: () => ({}),
    ready,
    timeoutSeconds: KUBELET_TIMEOUT_SECONDS,
    version: hashOf(kubeletConfig(record, record.cgroup)),
  });
}

/** Starts a node's device plugin, or finds it running, registered. */
export async function startDevicePlugin(
  state: string,
  { name }: NodeRecord,
  init: number,
  offer: PluginOffer,
): Promise<void> {
  const main = path.join(__dirname, "device-plugin/main.ts");
  const { resource, slots, device } = offer;
  const command = nodeCommand(main);
  await startDaemon(state, daemonName(name, "device-plugin"), [
    ...command,
    String(init),
    resource,
    String(slots),
    device,
  ]);
}

/** Ends what runs beside a node's machine; what runs on it ends with it. */
export async function stopServices(state: string, name: string): Promise<void> {
  for (const service of SERVICES) await stopDaemon(state, daemonName(name, service), 0);
}

/** The daemons of a node, by their names. */
export function nodeDaemons(name: string): string[] {
  return SERVICES.map((service) => daemonName(name, service));
}

/** Starts what lets a node reach the API server, or finds it running. */
export async function startGate(state: string, { name }: NodeRecord, init: number): Promise<void> {
  const apiPort = readSettings(state)?.ports.apiServer ?? 0;
  const main = path.join(__dirname, "api-gate/main.ts");
  await startDaemon(state, daemonName(name, "api-gate"), [
    ...nodeCommand(main),
    String(init),
    SERVICE_ADDRESS,
    String(apiPort),
  ]);
}

/**
 * Starts what plays kube-proxy and the cluster's DNS on a node, or finds it running; a node has none by itself. See
 * service-gate/main.ts for what it does not do.
 */
export async function startServiceGate(
  state: string,
  { name, init }: Pick<NodeRecord, "name"> & { init: number },
): Promise<void> {
  const tree = await debianTree(labPaths().cache, ["iproute2"]);
  // Whatever address of a Service is called, the call is answered here.
  await ip(tree, ["route", "replace", "local", SERVICE_RANGE, "dev", "lo"], init);
  const apiPort = readSettings(state)?.ports.apiServer ?? 0;
  const main = path.join(__dirname, "service-gate/main.ts");
  await startDaemon(
    state,
    daemonName(name, "service-gate"),
    [...nodeCommand(main), String(init), state, DNS_ADDRESS],
    { version: String(apiPort) },
  );
}

async function startContainerd(state: string, { name }: NodeRecord, init: number): Promise<void> {
  const config = `${nodePaths.config}/containerd.toml`;
  const ready = () => listens(fileOn(init, nodePaths.containerd));
  if (!(await ready()) && programsOn(init, "containerd").length > 0) {
    await endProgramOn(init, "containerd");
  }
  await startDaemon(
    state,
    daemonName(name, "containerd"),
    onMachine(init, [programPlace("containerd"), "--config", config]),
    { portEnv: () => ({}), ready, version: hashOf(containerdConfig()) },
  );
}

function daemonName(name: string, service: (typeof SERVICES)[number]): string {
  return `node-${name}.${service}`;
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return ok;
  } catch {
    return false;
  }
}

function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect({ path: socket });
    connection.setTimeout(2000, () => connection.destroy());
    connection.on("connect", () => {
      resolve(true);
      connection.destroy();
    });
    connection.on("error", () => {
      resolve(false);
    });
    connection.on("close", () => {
      resolve(false);
    });
  });
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
