import * as fs from "node:fs";
import * as path from "node:path";
import { CLUSTER_NAME } from "../../cluster/config";
import { processStart } from "../../lock";
import { nodeToolNames, testToolNames, toolNames } from "../../toolchain";

/** What lies in the folder of a stack, see {@link stateFiles}. */
export const stackFiles: readonly string[] = [
  "Pulumi*.yaml",
  "settings.*.yaml",
  "settled-state.json",
  "unprotected-state.json",
  "interrupted.json",
];

/**
 * What the lab makes in its state folder, one part of a path a segment; `*` stands for any characters. The
 * folder is the user's to choose, so it may be one that holds other things too, such as the home folder:
 * names that others use as well (`bin`, `logs`, `etcd`) are followed down to what can only be the lab's.
 */
export const stateFiles: readonly string[] = [
  ...["pulumi", "kubectl", "node", "pulumi-language-nodejs"].map((program) => `bin/${program}`),
  ...["aws", "gke-gcloud-auth-plugin", "kubelogin"].map((program) => `bin/${program}`),
  // One folder a simulated cluster, by a hash of 12 digits; see record.ts there.
  `simulated-clusters/${"?".repeat(12)}`,
  "simulated-clusters/secret",
  ...["machine.json", "member.json", "kernel", "root", "upper", "work"].map(
    (file) => `machines/*/${file}`,
  ),
  // Of real nodes: their machines' files.
  ...["node.json", "root", "settings", "upper", "var", "work"].map((file) => `nodes/*/${file}`),
  ...["api-gate", "containerd", "device-plugin", "kubelet", "service-gate"].flatMap((service) => [
    `daemons/node-*.${service}.json`,
    `daemons/node-*.${service}.out`,
    `logs/node-*.${service}.log`,
  ]),
  ...["daemons/node-*.json", "daemons/node-*.out", "logs/node-*.log"],
  ...["names", "objects", "settings.json", "requests.jsonl"].map(
    (file) => `simulated-clouds/${file}`,
  ),
  ...["kubernetes-provider", "simulated-cloud", "simulators", "karpenter"].flatMap((daemon) => [
    `daemons/${daemon}.json`,
    `daemons/${daemon}.out`,
    `logs/${daemon}.log`,
  ]),
  "logs/kwokctl.log",
  "etcd/member",
  `kwok/clusters/${CLUSTER_NAME}`,
  ...["compiled", "kube-cache", "pulumi-home", "pulumi-state", "swc"],
  ...stackFiles.flatMap((file) => [`stack/${file}`, `named-stacks/*/${file}`]),
  ...["cluster.json", "instance-types.json", "lab.json"],
  ...["audit-policy.yaml", "cluster.yaml", "kwok-stages.yaml"],
  ...["cluster-renewed", "kubeconfig", "passphrase"],
  // Of the tests and the benchmarks, which keep these beside the lab's own.
  ...["owner.json", "recording.json", "stacks/bench-*"],
];

/** What the lab and its bootstrap make in the cache folder; see {@link stateFiles}. */
export const cacheFiles: readonly string[] = [
  ...[...toolNames, ...nodeToolNames, ...testToolNames].flatMap((tool) => [
    `tools/${tool}/*/manifest.json`,
    `tools/${tool}/*/${tool}`,
    `tools/${tool}/.unfinished-*`,
    `tools/${tool}/.discarded-*`,
  ]),
  "tools/*.lock",
  // Root file systems of machines, files of Debian packages, images; the name is a hash of 16 digits.
  ...["", ".partial", ".lock"].flatMap((end) =>
    ["debian", "debian-trees", "images"].map((folder) => `${folder}/${"?".repeat(16)}${end}`),
  ),
  // The name is a hash of 24 digits.
  `node/${"?".repeat(24)}`,
  "node/.unfinished-*",
  "locks/install-*.lock*",
];

/**
 * Removes from a folder what matches the patterns, and then it and its folders where nothing else is in them.
 * What is not the lab's stays, and so does the lock of somebody alive.
 */
export function removeOwnFiles(folder: string, patterns: readonly string[]): void {
  for (const pattern of patterns) removeMatches(folder, pattern.split("/"));
  removeDeadClaims(folder);
  removeIfEmpty(folder);
}

/** Removes a folder with nothing in it; any other, and one that is not there, is left alone. */
export function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Not empty, not there, a link, or where something is mounted: then it is not for the lab to remove.
  }
}

function removeMatches(folder: string, [segment = "", ...rest]: readonly string[]): void {
  for (const name of namesIn(folder).filter((one) => matches(one, segment))) {
    const file = path.join(folder, name);
    if (rest.length === 0) {
      fs.rmSync(file, { recursive: true, force: true });
    } else if (fs.lstatSync(file).isDirectory()) {
      removeMatches(file, rest);
      removeIfEmpty(file);
    }
  }
}

// A file that is written beside the one that it replaces has the writer's process id after its name.
function matches(name: string, segment: string): boolean {
  const source = segment
    .replaceAll(/[.+^$()|[\]{}\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", "[0-9a-f]");
  return new RegExp(`^${source}(\\.\\d+)?$`).test(name);
}

// What waiters for a lock that were killed left beside it, see bootstrap/lock.js.
function removeDeadClaims(folder: string): void {
  for (const name of namesIn(folder)) {
    if (!/^(?:stack(?:-[\w.-]+)?\.)?lock\.[0-9a-f]{16,32}(?:\.tmp(?:\.r)?)?$/.test(name)) continue;
    const file = path.join(folder, name);
    if (!isHeld(file)) fs.rmSync(file, { force: true });
  }
}

function isHeld(file: string): boolean {
  try {
    const holder: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    if (typeof holder !== "object" || holder === null) return false;
    if (!("pid" in holder) || !("start" in holder)) return false;
    return processStart(Number(holder.pid)) === holder.start;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
