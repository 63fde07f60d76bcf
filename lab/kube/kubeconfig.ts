import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { isRecord, listAt, fieldAt, textAt } from "./objects";

/** A command that makes credentials, as kubeconfig describes it (client.authentication.k8s.io). */
export interface ExecCredentialPlugin {
  command: string;
  args: string[];
  env: Record<string, string>;
  apiVersion: string;
}

/** How to reach one cluster as one user. */
export interface KubeConfig {
  /** URL of the API server. */
  server: string;
  /** Name of the context it was read from. */
  context: string;
  /** Namespace for objects that name none. */
  namespace: string;
  ca?: Buffer;
  certificate?: Buffer;
  key?: Buffer;
  token?: string;
  tokenFile?: string;
  exec?: ExecCredentialPlugin;
  serverName?: string;
  insecureSkipTlsVerify: boolean;
  /** The cluster's entry as written: what tells one cluster from another. */
  cluster: Record<string, unknown>;
}

/** What to read out of a kubeconfig; all default to what the file says itself. */
export interface KubeconfigOptions {
  context?: string;
  cluster?: string;
  namespace?: string;
}

/**
 * Reads a kubeconfig, given as text or as the path of a file (`~` is expanded; an existing file wins).
 * Throws an Error that names what is missing: the context, its cluster or its user.
 */
export function loadKubeconfig(textOrPath: string, options: KubeconfigOptions = {}): KubeConfig {
  const { text, folder } = readSource(textOrPath);
  const document: unknown = parse(text);
  if (!isRecord(document)) {
    throw new Error("kubeconfig: neither the path of a file nor a kubeconfig document");
  }
  const contextName = options.context ?? textAt(document, "current-context") ?? "";
  const context = named(document, "contexts", contextName, "context");
  const clusterName = options.cluster ?? textAt(context, "cluster") ?? "";
  const cluster = named(document, "clusters", clusterName, "cluster");
  const userName = textAt(context, "user") ?? "";
  const user = userName === "" ? {} : named(document, "users", userName, "user");
  return {
    context: contextName,
    namespace: options.namespace ?? textAt(context, "namespace") ?? "default",
    ...clusterFields(cluster, folder),
    ...userFields(user, folder),
  };
}

function readSource(textOrPath: string): { text: string; folder: string } {
  const file = textOrPath.startsWith("~/")
    ? path.join(os.homedir(), textOrPath.slice(2))
    : textOrPath;
  if (!file.includes("\n") && fs.existsSync(file)) {
    return { text: fs.readFileSync(file, "utf8"), folder: path.dirname(path.resolve(file)) };
  }
  return { text: textOrPath, folder: process.cwd() };
}

// kubeconfig lists hold {name, <singular>: {...}}.
function named(
  document: unknown,
  list: string,
  name: string,
  singular: string,
): Record<string, unknown> {
  const entries = listAt(document, list);
  const found = fieldAt(
    entries.find((entry) => fieldAt(entry, "name") === name),
    singular,
  );
  if (isRecord(found)) return found;
  const known = entries.map((entry) => textAt(entry, "name") ?? "").join(", ");
  throw new Error(`kubeconfig: no ${singular} "${name}", it has: ${known === "" ? "none" : known}`);
}

function clusterFields(cluster: Record<string, unknown>, folder: string) {
  const server = textAt(cluster, "server");
  if (server === undefined) throw new Error("kubeconfig: the cluster has no server");
  if (cluster["proxy-url"] !== undefined) {
    throw new Error("kubeconfig: proxy-url is not supported here, connect to the server directly");
  }
  const ca = inlineOrFile(cluster, "certificate-authority", folder);
  const serverName = textAt(cluster, "tls-server-name");
  return {
    server,
    cluster,
    insecureSkipTlsVerify: cluster["insecure-skip-tls-verify"] === true,
    ...(ca && { ca }),
    ...(serverName !== undefined && { serverName }),
  };
}

function userFields(user: Record<string, unknown>, folder: string) {
  const certificate = inlineOrFile(user, "client-certificate", folder);
  const key = inlineOrFile(user, "client-key", folder);
  const token = textAt(user, "token");
  const tokenFile = textAt(user, "tokenFile");
  const exec = execPlugin(user.exec);
  return {
    ...(certificate && { certificate }),
    ...(key && { key }),
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile: path.resolve(folder, tokenFile) }),
    ...(exec && { exec }),
  };
}

function inlineOrFile(
  entry: Record<string, unknown>,
  key: string,
  folder: string,
): Buffer | undefined {
  const data = textAt(entry, `${key}-data`);
  if (data !== undefined) return Buffer.from(data, "base64");
  const file = textAt(entry, key);
  return file === undefined ? undefined : fs.readFileSync(path.resolve(folder, file));
}

function execPlugin(exec: unknown): ExecCredentialPlugin | undefined {
  const command = textAt(exec, "command");
  if (command === undefined) return undefined;
  const pairs = listAt(exec, "env").map((pair): [string, string] => [
    textAt(pair, "name") ?? "",
    textAt(pair, "value") ?? "",
  ]);
  return {
    command,
    args: listAt(exec, "args").map(String),
    env: Object.fromEntries(pairs),
    apiVersion: textAt(exec, "apiVersion") ?? "client.authentication.k8s.io/v1",
  };
}
