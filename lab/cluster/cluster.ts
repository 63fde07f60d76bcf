import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeClient, type KubeClient } from "../kube/client";
import { loadKubeconfig } from "../kube/kubeconfig";
import { LabError } from "../lab-error";
import { endProcesses, labProcesses, programOf, type ProcessIdentity } from "../processes";
import { CLUSTER_NAME, type ClusterTools } from "./config";
import { clusterFolder, prepareCluster, readSettings, readTokens, settingsHash } from "./files";
import { createWithKwokctl } from "./kwokctl";
import { handOverNodes } from "./node-leases";

/** How the cluster is started. */
export interface ClusterOptions {
  tools: ClusterTools;
  /** Keeps a log of all requests, see {@link auditLog}. Defaults to false. */
  audit?: boolean;
  /** Further names and addresses in the API server's certificate, of which keys that are there know nothing. Defaults to none. */
  names?: readonly string[];
  /** How long a node may say nothing before it counts as lost, in seconds. Defaults to 200. */
  nodeGraceSeconds?: number | undefined;
  /** Tells the user what is being repaired. Defaults to standard error. */
  note?: (message: string) => void;
}

/** A process of the cluster. */
export interface ClusterProcess extends ProcessIdentity {
  /** Such as `kube-apiserver`. */
  program: string;
}

/** The processes that a whole cluster has. */
export const clusterPrograms = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;

const READY_TIMEOUT_SECONDS = 120;
const ANSWER_TIMEOUT_MILLISECONDS = 10_000;

/** Path of the lab's kubeconfig; its only context is `kvm-fabric-lab`. */
export function kubeconfigFile(state: string): string {
  return path.join(state, "kubeconfig");
}

/**
 * Path of the file that is there from when the cluster's data was given up until whoever has a stack on it
 * has taken note: the stack's state then names objects that are no more.
 */
export function renewedMarker(state: string): string {
  return path.join(state, "cluster-renewed");
}

/** Path of the audit log: one JSON event a line, while the cluster was started with `audit`. */
export function auditLog(state: string): string {
  return path.join(clusterFolder(state), "logs", "audit.log");
}

/** A client with the rights of the cluster's administrator. */
export function labClient(state: string): KubeClient {
  return kubeClient(loadKubeconfig(kubeconfigFile(state)));
}

/** The live processes of the cluster. */
export function clusterProcesses(state: string): ClusterProcess[] {
  const folder = path.join(clusterFolder(state), "bin");
  return labProcesses(state).flatMap((identity) => {
    const program = programOf(identity.pid);
    return path.dirname(program) === folder ? { ...identity, program: path.basename(program) } : [];
  });
}

/** Says whether every part of the cluster runs and the API server is ready. */
export async function isClusterReady(state: string): Promise<boolean> {
  return isWhole(state) && (await answers(state));
}

/** Says whether each program runs once: a killed start may have left a second set, which is no cluster either. */
function isWhole(state: string): boolean {
  return (
    clusterProcesses(state).length === clusterPrograms.length && missingPrograms(state).length === 0
  );
}

/**
 * Makes sure that a cluster runs. A healthy one with the same settings is left alone; anything else, such as
 * what a killed command left behind, is stopped and started again with its data. Only data that etcd or the API
 * server ends with, again and again, is given up, which {@link renewedMarker} notes; never because something took
 * long. Answers whether it had to start anything.
 */
export async function startCluster(state: string, options: ClusterOptions): Promise<boolean> {
  const hash = settingsHash(options.tools, { ...options, tokens: readTokens(state) });
  const isSame = readSettings(state)?.hash === hash && isHandedOver(state);
  if (isSame && isWhole(state) && (await getsReady(state))) return false;
  await stopCluster(state);
  const note = options.note ?? ((message: string) => process.stderr.write(`${message}\n`));
  let dataFails = true;
  for (const attempt of ["as before", "with other ports", "without its data"] as const) {
    if (attempt !== "as before") note(`the cluster did not start; trying ${attempt}`);
    if (attempt === "without its data") giveUpData(state);
    try {
      await bringUp(state, options, attempt === "as before");
      return true;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      dataFails &&= hasEndedProgram(state);
      await stopCluster(state);
      const isLast = attempt === "without its data" || (attempt !== "as before" && !dataFails);
      if (isLast) throw error;
    }
  }
  return false;
}

/** Ends the cluster's processes, etcd last; its data and keys stay. Not running is no error. */
export async function stopCluster(state: string): Promise<void> {
  const processes = clusterProcesses(state);
  await endProcesses(processes.filter(({ program }) => program !== "etcd"));
  await endProcesses(processes.filter(({ program }) => program === "etcd"));
  fs.rmSync(path.join(clusterFolder(state), "pids"), { recursive: true, force: true });
}

/** Removes the stopped cluster's data and keys, and notes that first. */
function giveUpData(state: string): void {
  fs.writeFileSync(renewedMarker(state), "", { mode: 0o600 });
  forgetCluster(state);
}

/**
 * Says whether etcd or the API server was started and has ended by itself, which is what data does that it cannot
 * read. To be asked before the cluster is stopped.
 */
export function hasEndedProgram(state: string): boolean {
  const missing = missingPrograms(state);
  return ["etcd", "kube-apiserver"].some((program) => {
    const pidFile = path.join(clusterFolder(state), "pids", `${program}.pid`);
    return missing.includes(program) && fs.existsSync(pidFile);
  });
}

/** Removes the stopped cluster's data and keys. */
function forgetCluster(state: string): void {
  for (const part of ["kwok", "etcd", "cluster.json", "kubeconfig"]) {
    fs.rmSync(path.join(state, part), { recursive: true, force: true });
  }
}

async function bringUp(state: string, options: ClusterOptions, samePorts: boolean): Promise<void> {
  const configFile = await prepareCluster(state, options, samePorts);
  await createWithKwokctl(state, options.tools, configFile);
  if (!(await getsReady(state))) {
    const missing = missingPrograms(state);
    throw new LabError(
      missing.length > 0
        ? `cluster "${CLUSTER_NAME}": ${missing.join(", ")} ended while starting`
        : `cluster "${CLUSTER_NAME}": the API server was not ready within ${READY_TIMEOUT_SECONDS} s`,
      { hint: `the logs are in ${path.join(clusterFolder(state), "logs")}` },
    );
  }
  await handOver(state);
}

/** Waits until the cluster is ready, for as long as all its programs run: busy is not broken. */
async function getsReady(state: string): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_SECONDS * 1000;
  while (!(await isClusterReady(state))) {
    if (Date.now() > deadline || missingPrograms(state).length > 0) return false;
    await sleep(50);
  }
  return true;
}

async function handOver(state: string): Promise<void> {
  const kwok = findKwok(state);
  const client = labClient(state);
  try {
    if (kwok) await handOverNodes(state, client, kwok);
  } finally {
    client.close();
  }
  fs.writeFileSync(handOverMarker(state), JSON.stringify(findKwok(state)), { mode: 0o600 });
}

/** Says whether the kwok that runs has been given the nodes: a start that was cut off did not get there. */
function isHandedOver(state: string): boolean {
  const marker = handOverMarker(state);
  return (
    fs.existsSync(marker) && fs.readFileSync(marker, "utf8") === JSON.stringify(findKwok(state))
  );
}

function handOverMarker(state: string): string {
  return path.join(clusterFolder(state), "handed-over.json");
}

function findKwok(state: string): ClusterProcess | undefined {
  return clusterProcesses(state).find(({ program }) => program === "kwok-controller");
}

function missingPrograms(state: string): string[] {
  const running = new Set(clusterProcesses(state).map(({ program }) => program));
  return clusterPrograms.filter((program) => !running.has(program));
}

/** Says whether the API server is ready. */
export async function answers(state: string): Promise<boolean> {
  if (!fs.existsSync(kubeconfigFile(state))) return false;
  const client = labClient(state);
  try {
    return (
      (await client.request("GET", "/readyz", {
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MILLISECONDS),
      })) === "ok"
    );
  } catch {
    return false;
  } finally {
    client.close();
  }
}
