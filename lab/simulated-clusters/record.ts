import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomically } from "../atomic-file";
import type { SimulatedCluster, SimulatedPool } from "../engine/simulated-cloud/effects";
import { isRecord, textAt } from "../kube/objects";

/** A simulated cluster that has an API server, and the folder of that one: a small lab of its own. */
export interface OpenCluster {
  cluster: SimulatedCluster;
  folder: string;
}

/** Folder under the lab's state folder that holds one folder a simulated cluster. */
const FOLDER = "simulated-clusters";

/** The folder of a simulated cluster: its API server's data, keys, kubeconfig, logs and daemons. */
export function simulatedClusterFolder(state: string, clusterId: string): string {
  return path.join(state, FOLDER, shortHash(clusterId, 12));
}

/** The first digits of a hash, for names that an id must not be read from. */
export function shortHash(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}

/** Every simulated cluster that has an API server, by name. */
export function listSimulatedClusters(state: string): OpenCluster[] {
  const root = path.join(state, FOLDER);
  const folders = fs.existsSync(root) ? fs.readdirSync(root) : [];
  return folders
    .map((name) => path.join(root, name))
    .flatMap((folder) => {
      const cluster = readCluster(folder);
      return cluster ? [{ cluster, folder }] : [];
    })
    .sort((a, b) => a.cluster.name.localeCompare(b.cluster.name));
}

/** The simulated cluster of that id, where it has an API server. */
export function findSimulatedCluster(state: string, clusterId: string): OpenCluster | undefined {
  const folder = simulatedClusterFolder(state, clusterId);
  const cluster = readCluster(folder);
  return cluster && { cluster, folder };
}

/** The cluster that a folder belongs to. */
export function readCluster(folder: string): SimulatedCluster | undefined {
  return readJson(clusterFile(folder), isSimulatedCluster);
}

/** Notes which cluster the folder belongs to; made before anything is started in it. */
export function recordCluster(folder: string, cluster: SimulatedCluster): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeAtomically(clusterFile(folder), `${JSON.stringify(cluster)}\n`);
}

/** Notes what a pool should be. */
export function recordPool(folder: string, pool: SimulatedPool): void {
  fs.mkdirSync(path.join(folder, "pools"), { recursive: true, mode: 0o700 });
  writeAtomically(poolFile(folder, pool.id), `${JSON.stringify(pool)}\n`);
}

/** Forgets a pool. */
export function forgetPool(folder: string, poolId: string): void {
  fs.rmSync(poolFile(folder, poolId), { force: true });
}

/** The pools that a cluster should have. */
export function listPools(folder: string): SimulatedPool[] {
  const pools = path.join(folder, "pools");
  const files = fs.existsSync(pools) ? fs.readdirSync(pools) : [];
  return files
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => readJson(path.join(pools, file), isSimulatedPool) ?? []);
}

function clusterFile(folder: string): string {
  return path.join(folder, "simulated.json");
}

function poolFile(folder: string, poolId: string): string {
  return path.join(folder, "pools", `${shortHash(poolId, 12)}.json`);
}

function readJson<T>(file: string, is: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSimulatedCluster(value: unknown): value is SimulatedCluster {
  return ["id", "type", "name"].every((field) => textAt(value, field) !== undefined);
}

function isSimulatedPool(value: unknown): value is SimulatedPool {
  return (
    isRecord(value) &&
    ["id", "clusterId", "name", "machineType"].every((field) => typeof value[field] === "string") &&
    typeof value.count === "number" &&
    Array.isArray(value.zones) &&
    Array.isArray(value.taints) &&
    isRecord(value.labels)
  );
}
