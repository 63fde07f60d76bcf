import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { writeAtomically } from "../atomic-file";
import { arePortsFree, freePorts } from "../ports";
import {
  auditPolicy,
  CLUSTER_NAME,
  clusterConfig,
  type ClusterPorts,
  type ClusterTools,
} from "./config";
import { podStages } from "./pod-stages";

/** What the running cluster was started with. */
export interface ClusterSettings {
  hash: string;
  ports: ClusterPorts;
}

/** Name of the only context of the lab's kubeconfig. */
export const LAB_CONTEXT = "kvm-fabric-lab";

/** The folder of the keys that kwokctl made for the lab's cluster. */
export function keysFolder(state: string): string {
  return path.join(clusterFolder(state), "pki");
}

/** kwokctl's home for the lab. */
export function kwokHome(state: string): string {
  return path.join(state, "kwok");
}

/** The folder in which kwokctl keeps the lab's cluster. */
export function clusterFolder(state: string): string {
  return path.join(kwokHome(state), "clusters", CLUSTER_NAME);
}

/**
 * Path of the file of tokens that the API server takes, where there is one: a line each of token, user, its id, groups.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 */
export function tokensFile(state: string): string {
  return path.join(state, "tokens.csv");
}

/** How one cluster differs from another of the same tools. */
export interface ClusterChoices {
  /** Keeps a log of all requests. Defaults to false. */
  audit?: boolean;
  /** Further names and addresses in the API server's certificate. Defaults to none. */
  names?: readonly string[];
  /** How long a node may say nothing before it counts as lost, in seconds. Defaults to 200. */
  nodeGraceSeconds?: number | undefined;
}

/** Tells one way of starting the cluster from another, apart from its ports. */
export function settingsHash(
  tools: ClusterTools,
  {
    audit = false,
    names = [],
    nodeGraceSeconds,
    tokens = "",
  }: ClusterChoices & { tokens?: string } = {},
): string {
  const config = clusterConfig({
    tools,
    ports: { apiServer: 1, etcd: 2, etcdPeer: 3, controllerManager: 4, scheduler: 5, kwok: 6 },
    dataFolder: "",
    keysFolder: "",
    stagesFile: podStages(),
    names,
    nodeGraceSeconds,
    ...(audit && { auditPolicyFile: auditPolicy() }),
  });
  return createHash("sha256").update(config).update(tokens).digest("hex").slice(0, 16);
}

/** The tokens that the API server takes, as its file has them; empty where there is none. */
export function readTokens(state: string): string {
  return fs.existsSync(tokensFile(state)) ? fs.readFileSync(tokensFile(state), "utf8") : "";
}

/** What the cluster was last started with; undefined for none, or a file that was cut off. */
export function readSettings(state: string): ClusterSettings | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(settingsFile(state), "utf8"));
    return isSettings(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes all that kwokctl needs to make the cluster, keeping data and keys that are there, and records it.
 * Answers with the path of kwokctl's configuration.
 */
export async function prepareCluster(
  state: string,
  { audit = false, names = [], nodeGraceSeconds, tools }: ClusterChoices & { tools: ClusterTools },
  samePorts: boolean,
): Promise<string> {
  const before = samePorts ? readSettings(state)?.ports : undefined;
  // The same ports keep kubeconfigs that were copied elsewhere right.
  const kept = before && (await arePortsFree(Object.values(before)));
  const ports = kept ? before : await newPorts();
  fs.mkdirSync(kwokHome(state), { recursive: true, mode: 0o700 });
  // kwokctl would go on with the configuration that it finds, and trust the ids in stale pid files.
  fs.rmSync(path.join(clusterFolder(state), "kwok.yaml"), { force: true });
  fs.rmSync(path.join(clusterFolder(state), "pids"), { recursive: true, force: true });
  const auditPolicyFile = path.join(state, "audit-policy.yaml");
  if (audit) fs.writeFileSync(auditPolicyFile, auditPolicy());
  const configFile = path.join(state, "cluster.yaml");
  const stagesFile = path.join(state, "kwok-stages.yaml");
  fs.writeFileSync(stagesFile, podStages());
  const dataFolder = path.join(state, "etcd");
  const tokens = readTokens(state);
  const spec = {
    ...{ tools, ports, dataFolder, stagesFile, names, nodeGraceSeconds },
    keysFolder: keysFolder(state),
    ...(audit && { auditPolicyFile }),
    ...(tokens !== "" && { tokensFile: tokensFile(state) }),
  };
  fs.writeFileSync(configFile, clusterConfig(spec));
  writeAtomically(
    settingsFile(state),
    `${JSON.stringify({ hash: settingsHash(tools, { audit, names, nodeGraceSeconds, tokens }), ports })}\n`,
  );
  return configFile;
}

/** Writes the lab's kubeconfig, whole in itself and readable by its owner alone, from the cluster's keys. */
export function writeKubeconfig(state: string, file: string): void {
  const pki = (name: string) =>
    fs.readFileSync(path.join(keysFolder(state), name)).toString("base64");
  const server = `https://127.0.0.1:${readSettings(state)?.ports.apiServer ?? 0}`;
  const name = LAB_CONTEXT;
  const user = {
    "client-certificate-data": pki("admin.crt"),
    "client-key-data": pki("admin.key"),
  };
  const document = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "certificate-authority-data": pki("ca.crt") } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user }],
  };
  writeAtomically(file, stringify(document));
}

async function newPorts(): Promise<ClusterPorts> {
  const [apiServer = 0, etcd = 0, etcdPeer = 0, controllerManager = 0, scheduler = 0, kwok = 0] =
    await freePorts(6);
  return { apiServer, etcd, etcdPeer, controllerManager, scheduler, kwok };
}

function settingsFile(state: string): string {
  return path.join(state, "cluster.json");
}

function isSettings(value: unknown): value is ClusterSettings {
  return (
    typeof value === "object" &&
    value !== null &&
    "hash" in value &&
    typeof value.hash === "string" &&
    "ports" in value &&
    typeof value.ports === "object" &&
    value.ports !== null &&
    Object.values(value.ports).length === 6 &&
    Object.values(value.ports).every((port) => typeof port === "number")
  );
}
