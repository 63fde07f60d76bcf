import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { errorMessage } from "./error-code";
import { isFullDisk } from "./full-disk";
import { runCommand } from "./go-command";
import { removeFolder, ToolCache } from "./tool-cache";
import type { Download, ToolName } from "./versions";

/** Seconds until a server must have begun to answer. */
const ANSWER_TIMEOUT_SECONDS = 5;
/** Seconds without a byte after which a download is given up. */
const STALL_TIMEOUT_SECONDS = 20;

/** What downloads of one run share. */
export interface DownloadContext {
  cache: string;
  env: NodeJS.ProcessEnv;
  /** amd64 or arm64. */
  goArch: string;
  /** Prints a line for the user. */
  note: (message: string) => void;
  /** Called as the file arrives; total is undefined where the server does not say. */
  onReceived: (bytes: number, totalBytes: number | undefined) => void;
  /** Set when a server could not be reached: nothing else is then tried in this run. */
  network: { unreachable: boolean };
}

/** The server could not be reached, or stopped sending. */
class NetworkFailure extends Error {}

/** Says whether downloads are wanted at all: not in CI, which is to be repeatable, nor when told to stay offline. */
export function downloadsAllowed(env: NodeJS.ProcessEnv): boolean {
  const isSet = (value: string | undefined) =>
    value !== undefined && !/^(?:|0|false)$/i.test(value);
  return !isSet(env.KVM_FABRIC_OFFLINE) && !isSet(env.CI);
}

/** The key of a downloaded tool: the URL names version and platform. Pure. */
export function downloadKey(download: Download, goArch: string): string {
  const url = expand(download.url, goArch);
  return `download-${createHash("sha256").update(url).digest("hex").slice(0, 24)}`;
}

/**
 * Downloads a tool, checks it against the published sha256 sum and makes an entry of it. Undefined where that
 * cannot be had, for whatever reason: the tool is then built. Only for the holder of the family's lock.
 */
export async function downloadTool(
  name: ToolName,
  download: Download,
  context: DownloadContext,
): Promise<string | undefined> {
  if (context.network.unreachable || !downloadsAllowed(context.env)) return undefined;
  const cache = new ToolCache(context.cache, name);
  const folder = await cache.begin();
  try {
    await fetchInto(folder, name, download, context);
    const url = expand(download.url, context.goArch);
    return await cache.publish(folder, downloadKey(download, context.goArch), url);
  } catch (error) {
    if (isFullDisk(errorMessage(error))) throw error;
    context.network.unreachable ||= error instanceof NetworkFailure;
    context.note(`no download of ${name} (${errorMessage(error)}): it is built from source`);
    return undefined;
  } finally {
    await removeFolder(folder);
  }
}

async function fetchInto(
  folder: string,
  name: ToolName,
  download: Download,
  context: DownloadContext,
): Promise<void> {
  const url = expand(download.url, context.goArch);
  const sums = await (await request(expand(download.checksumUrl, context.goArch))).text();
  const expected = findChecksum(sums, path.posix.basename(new URL(url).pathname));
  if (expected === undefined) throw new Error("no checksum is published for it");

  const file = path.join(folder, download.archiveFolder === undefined ? name : ".archive.tar.gz");
  const actual = await save(url, file, context.onReceived);
  if (actual !== expected) throw new Error(`checksum is ${actual}, published is ${expected}`);
  if (download.archiveFolder === undefined) return;
  await extract(file, folder, download, context);
  await fs.rm(file);
}

/** The sum of one file in a file of sums: a bare sum, or lines of sum and name (sha256sum(1)). Pure. */
export function findChecksum(sums: string, fileName: string): string | undefined {
  const bare = /^\s*([0-9a-f]{64})\s*$/i.exec(sums)?.[1];
  if (bare !== undefined) return bare.toLowerCase();
  for (const line of sums.split("\n")) {
    const [, sum, name] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line) ?? [];
    if (sum !== undefined && name !== undefined && path.posix.basename(name) === fileName) {
      return sum.toLowerCase();
    }
  }
  return undefined;
}

async function request(url: string, abort = new AbortController()): Promise<Response> {
  const timer = setTimeout(() => {
    abort.abort();
  }, ANSWER_TIMEOUT_SECONDS * 1000);
  const { host } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, { signal: abort.signal });
  } catch {
    throw new NetworkFailure(`${host} cannot be reached`);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw new Error(`${host} answers ${response.status}`);
  return response;
}

/** Writes what a URL gives to a file; returns its sha256 sum. */
async function save(
  url: string,
  file: string,
  onReceived: DownloadContext["onReceived"],
): Promise<string> {
  const abort = new AbortController();
  const response = await request(url, abort);
  const length = Number(response.headers.get("content-length") ?? "0");
  const stalled = setTimeout(() => {
    abort.abort();
  }, STALL_TIMEOUT_SECONDS * 1000);
  const hash = createHash("sha256");
  const handle = await fs.open(file, "w");
  let received = 0;
  try {
    for await (const chunk of bodyOf(response)) {
      stalled.refresh();
      hash.update(chunk);
      await handle.writeFile(chunk);
      received += chunk.length;
      onReceived(received, length > 0 ? length : undefined);
    }
  } finally {
    clearTimeout(stalled);
    await handle.close();
  }
  return hash.digest("hex");
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch {
    throw new NetworkFailure(`${new URL(response.url).host} stopped sending`);
  } finally {
    // When the reader of this generator fails (a full disk), the rest is not wanted either.
    await reader.cancel().catch(() => undefined);
  }
}

async function extract(
  archive: string,
  folder: string,
  download: Download,
  context: DownloadContext,
): Promise<void> {
  const root = expand(download.archiveFolder ?? "", context.goArch);
  const members = download.archiveFiles?.map((file) => `${root}/${file}`) ?? [root];
  const strip = `--strip-components=${root.split("/").length}`;
  const args = ["-xzf", archive, "-C", folder, "--no-same-owner", strip, ...members];
  const result = await runCommand("tar", args, { env: context.env });
  if (result.exitCode !== 0) throw new Error(`tar: ${result.log.trim()}`);
}

function expand(template: string, goArch: string): string {
  const nodeArch = goArch === "amd64" ? "x64" : goArch;
  return template.replaceAll("{goArch}", goArch).replaceAll("{nodeArch}", nodeArch);
}
