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
 * Reads a kubeconfig, given as text, as the path of a file (`~` is expanded), or as a list of paths as
 * KUBECONFIG may hold it: the first file that has a name says what it stands for, and relative paths count
 * from the folder of the file that holds them, as with kubectl. Files of a list that do not exist are skipped.
 * Throws an Error that names what is missing: the context, its cluster or its user.
 */
export function loadKubeconfig(source: string, options: KubeconfigOptions = {}): KubeConfig {
  const documents = readSource(source);
  const currentContext = documents.map(({ content }) => textAt(content, "current-context"));
  const contextName = options.context ?? currentContext.find((name) => name) ?? "";
  const context = named(documents, "contexts", contextName, "context").entry;
  const clusterName = options.cluster ?? textAt(context, "cluster") ?? "";
  const cluster = named(documents, "clusters", clusterName, "cluster");
  const userName = textAt(context, "user") ?? "";
  const user = userName === "" ? undefined : named(documents, "users", userName, "user");
  return {
    context: contextName,
    namespace: options.namespace ?? textAt(context, "namespace") ?? "default",
    ...clusterFields(cluster.entry, cluster.folder),
    ...(user && userFields(user.entry, user.folder)),
  };
}

/** What one kubeconfig file says; relative paths in it count from `folder`. */
interface Document {
  content: Record<string, unknown>;
  folder: string;
}

function readSource(source: string): Document[] {
  if (source.includes("\n")) return [documentOf(source, process.cwd())];
  const whole = expanded(source);
  if (fs.existsSync(whole)) return [readDocument(whole)];
  const listed = source.split(path.delimiter).map(expanded);
  const files = listed.filter((file) => file !== "" && fs.existsSync(file));
  if (files.length === 0) return [documentOf(source, process.cwd())];
  return files.map(readDocument);
}

function expanded(file: string): string {
  return file.startsWith("~/") ? path.join(os.homedir(), file.slice(2)) : file;
}

function readDocument(file: string): Document {
  const text = fs.readFileSync(file, "utf8");
  const folder = path.dirname(path.resolve(file));
  // kubectl makes empty files, and takes them.
  return text.trim() === "" ? { content: {}, folder } : documentOf(text, folder);
}

function documentOf(text: string, folder: string): Document {
  const content: unknown = parse(text);
  if (isRecord(content)) return { content, folder };
  throw new Error("kubeconfig: neither the path of a file nor a kubeconfig document");
}

// kubeconfig lists hold {name, <singular>: {...}}.
function named(documents: readonly Document[], list: string, name: string, singular: string) {
  for (const { content, folder } of documents) {
    const found = listAt(content, list).find((entry) => fieldAt(entry, "name") === name);
    const entry = fieldAt(found, singular);
    if (isRecord(entry)) return { entry, folder };
  }
  const names = documents.flatMap(({ content }) =>
    listAt(content, list).map((entry) => textAt(entry, "name") ?? ""),
  );
  const known = [...new Set(names)].join(", ");
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
  const exec = execPlugin(user.exec, folder);
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

function execPlugin(exec: unknown, folder: string): ExecCredentialPlugin | undefined {
  const command = textAt(exec, "command");
  if (command === undefined) return undefined;
  const pairs = listAt(exec, "env").map((pair): [string, string] => [
    textAt(pair, "name") ?? "",
    textAt(pair, "value") ?? "",
  ]);
  return {
    // A bare name is looked for on PATH.
    command: /[\\/]/.test(command) ? path.resolve(folder, command) : command,
    args: listAt(exec, "args").map(String),
    env: Object.fromEntries(pairs),
    apiVersion: textAt(exec, "apiVersion") ?? "client.authentication.k8s.io/v1",
  };
}
