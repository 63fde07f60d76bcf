import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { kvmNodeLabels, kvmNodeTaints, type Taint } from "../../components/shared/kvm-nodes";
import { nodeContract } from "../../components/shared/node-contract";
import { removeIfEmpty } from "../commands/lab/own-files";
import { isClusterReady, labClient } from "../cluster/cluster";
import { SERVICE_ADDRESS } from "../cluster/config";
import { keysFolder } from "../cluster/files";
import { LAB_NODE_LABEL } from "../cluster/node-manifests";
import { readLabRecord } from "../environment";
import { LabError } from "../lab-error";
import { withLock } from "../lock";
import { labPaths } from "../paths";
import { ensureTools, nodeToolNames } from "../toolchain";
import { makeCgroup, nodeCgroup, removeCgroup } from "./control-groups";
import { debianTree } from "./debian";
import type { ImageArchive } from "./image/oci";
import { pauseImage } from "./images";
import { importImage } from "./import-image";
import {
  bootMachine,
  endMachine,
  findMachine,
  ip,
  machineFolder,
  machinesFolder,
  programPlace,
} from "./machine";
import { hostLinkCommands, nodeLinkCommands, planNetwork } from "./network";
import { REAL_NODE, removeObjects, requireFreeName, untilReady } from "./objects";
import { findNodeRecord, nodeNames, type NodeRecord, writeNodeRecord } from "./record";
import { missingForNode } from "./requirements";
import {
  startDevicePlugin,
  startGate,
  startKubelet,
  startServices,
  stopServices,
  writeConfiguration,
} from "./services";

/** How a real node joins. */
export interface NodeOptions {
  /** Name of its Node object. Defaults to `real-a`. */
  name?: string;
  /** Labels beside those of the lab and of a KVM node. Defaults to none. */
  labels?: Readonly<Record<string, string>>;
  /** Defaults to those of a KVM node: the worker taint and the startup taint. */
  taints?: readonly Taint[];
  /** Domain of the node contract. Defaults to the components'. */
  domain?: string;
  /**
   * Folders of this machine that it sees as its own, by their path on it: one that two nodes see stands for a disk that
   * follows its pod. Defaults to none.
   */
  folders?: Readonly<Record<string, string>>;
}

/** A real node that runs. */
export interface RunningNode extends NodeRecord {
  /** The id of its first process, as this machine counts. */
  init: number;
}

/** Name of the node that is started where none is named. */
export const DEFAULT_NODE = "real-a";

const NODE_PACKAGES = ["busybox-static", "iproute2", "mount", "runc", "util-linux"];
const KVM_SLOTS = 100;

/** What nodes are made of; made before the lab's lock is taken, since the first time takes minutes. */
interface NodeParts {
  tools: Readonly<Record<string, string>>;
  tree: string;
  pause: ImageArchive;
}

/**
 * Starts a real node and joins it to the lab that runs, or finds it; what ended by itself, such as its kubelet, is started
 * again, and its pods go on meanwhile. Returns once it is Ready and offers its device. Errors: LabError that names all that
 * this machine lacks, or says that the name is a simulated node's.
 */
export async function startNode(state: string, options: NodeOptions = {}): Promise<RunningNode> {
  const { name = DEFAULT_NODE } = options;
  requireName(name);
  const missing = missingForNode();
  if (missing.length > 0) {
    throw new LabError(`a real node cannot run on this machine: it needs ${missing.join("; ")}`);
  }
  readLabRecord(state);
  const { cache } = labPaths();
  const parts = {
    tools: await ensureTools(nodeToolNames),
    tree: await debianTree(cache, NODE_PACKAGES),
    pause: await pauseImage(cache),
  };
  return withLock(lockFile(state), () => join(state, name, options, parts));
}

async function join(
  state: string,
  name: string,
  options: NodeOptions,
  parts: NodeParts,
): Promise<RunningNode> {
  if (!(await isClusterReady(state))) {
    throw new LabError("a real node joins a lab that runs", {
      hint: "start it with: npm run lab -- start",
    });
  }
  requireServiceAddress(state);
  const client = labClient(state);
  try {
    await requireFreeName(client, name);
    const running = await startParts(state, name, options, parts);
    await untilReady(client, name, nodeContract(options.domain).kvmResource);
    return running;
  } finally {
    client.close();
  }
}

/** The parts of a node, bottom up. */
async function startParts(
  state: string,
  name: string,
  options: NodeOptions,
  { tools, tree, pause }: NodeParts,
): Promise<RunningNode> {
  const running = findRunning(state, name) ?? (await boot(state, name, options, { tools, tree }));
  const { init, ...record } = running;
  await writeConfiguration(state, record);
  await startServices(state, record, init);
  await importImage(state, name, pause);
  await startKubelet(state, record, init);
  const resource = nodeContract(options.domain).kvmResource;
  await startDevicePlugin(state, record, init, { resource, slots: KVM_SLOTS, device: "/dev/kvm" });
  return running;
}

/** The node of that name whose machine runs and has its network; a start that was killed may not have got there. */
function findRunning(state: string, name: string): RunningNode | undefined {
  const record = findNodeRecord(state, name);
  const init = findMachine(state, name);
  return record !== undefined && init !== undefined && record.init === init
    ? { ...record, init }
    : undefined;
}

/** Begins a node anew: whatever is left of one of that name goes first. */
async function boot(
  state: string,
  name: string,
  options: NodeOptions,
  { tools, tree }: Omit<NodeParts, "pause">,
): Promise<RunningNode> {
  await removeParts(state, name);
  const record = newRecord(state, name, options);
  const { folders = {} } = options;
  const programs = Object.fromEntries(
    Object.entries(tools).map(([tool, file]) => [placeOf(tool), file]),
  );
  try {
    writeNodeRecord(state, record);
    makeCgroup(record.cgroup);
    const folder = machineFolder(state, name);
    const init = await bootMachine(state, name, {
      folder,
      folders,
      hostname: name,
      tree,
      programs,
    });
    for (const args of hostLinkCommands(record.network, init)) await ip(tree, args);
    for (const args of nodeLinkCommands(record.network, SERVICE_ADDRESS))
      await ip(tree, args, init);
    writeNodeRecord(state, { ...record, init });
    return { ...record, init };
  } catch (error) {
    await removeParts(state, name);
    throw error;
  }
}

/** Lets the real nodes that run reach the API server of a cluster that was started anew, at whatever port. */
export async function reconnectNodes(state: string): Promise<void> {
  for (const name of nodeNames(state)) {
    const running = findRunning(state, name);
    if (running) await startGate(state, running, running.init);
  }
}

/**
 * Takes a real node away: its pods, its Node object, processes, mounts, networks, control groups and files. One that is not
 * there is no error.
 */
export async function stopNode(state: string, name: string): Promise<void> {
  if (!fs.existsSync(state)) return;
  await withLock(lockFile(state), async () => {
    await forget(state, [name]);
    await removeParts(state, name);
  });
}

/** Takes every real node of the lab away. For holders of the lab's lock. */
export async function stopNodes(state: string): Promise<void> {
  const names = nodeNames(state);
  if (names.length === 0) return;
  // What the API server could not be told, the lab's next start makes up for.
  await forget(state, names).catch(() => undefined);
  for (const name of names) await removeParts(state, name);
}

function newRecord(state: string, name: string, options: NodeOptions): NodeRecord {
  const contract = nodeContract(options.domain);
  return {
    name,
    labels: { ...kvmNodeLabels(contract, REAL_NODE, options.labels), [LAB_NODE_LABEL]: REAL_NODE },
    taints: options.taints ?? kvmNodeTaints(contract),
    cgroup: nodeCgroup(state, name),
    network: planNetwork(state, name),
  };
}

function placeOf(tool: string): string {
  return tool.startsWith("cni-") ? `/opt/cni/bin/${tool.slice("cni-".length)}` : programPlace(tool);
}

async function removeParts(state: string, name: string): Promise<void> {
  await stopServices(state, name);
  await endMachine(state, name);
  removeCgroup(findNodeRecord(state, name)?.cgroup ?? nodeCgroup(state, name));
  fs.rmSync(machineFolder(state, name), { recursive: true, force: true });
  removeIfEmpty(machinesFolder(state));
}

async function forget(state: string, names: readonly string[]): Promise<void> {
  if (!(await isClusterReady(state))) return;
  const client = labClient(state);
  try {
    for (const name of names) await removeObjects(client, name);
  } finally {
    client.close();
  }
}

/** Clusters of before nodes could join have a certificate that does not name the service. */
function requireServiceAddress(state: string): void {
  const certificate = new X509Certificate(
    fs.readFileSync(path.join(keysFolder(state), "admin.crt")),
  );
  if (certificate.checkIP(SERVICE_ADDRESS) !== undefined) return;
  throw new LabError("this lab's cluster was made before real nodes could join it", {
    hint: "make it anew: npm run down -- --all, or remove its state folder once it is stopped",
  });
}

function lockFile(state: string): string {
  return path.join(state, "lock");
}

function requireName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return;
  throw new LabError(`not a node's name: ${JSON.stringify(name)}`, {
    hint: "at most 40 of a-z, 0-9 and -, neither first nor last a -",
  });
}
