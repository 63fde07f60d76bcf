import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { isKubeError, KubeError } from "./kube-error";
import {
  fieldAt,
  isKubeObject,
  isRecord,
  listAt,
  numberAt,
  textAt,
  type KubeObject,
} from "./objects";
import type { Query, Transport } from "./transport";

/** One change of a watched collection. */
export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: KubeObject;
}

/** How to watch. */
export interface WatchOptions {
  /** For example `labelSelector` and `fieldSelector`. */
  query?: Query;
  /** Reports changes after this resource version only. Defaults to listing what is there first. */
  since?: string;
  /** Ends the watch. */
  signal: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Watches a collection: first an ADDED for everything there, then every change. Lost connections are taken
 * up where they broke; where the server no longer remembers (410 Gone) the collection is listed again and the
 * difference reported, so that the caller's picture stays right.
 *
 * Resolves when the signal aborts. Rejects when the server refuses (401, 403, 404) and with what `onEvent` throws.
 */
export async function watchCollection(
  transport: Transport,
  path: string,
  options: WatchOptions,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const { signal, query = {} } = options;
  const known = new Map<string, KubeObject>();
  let version = options.since;
  let pauseMs = 0;
  while (!signal.aborted) {
    try {
      version ??= await relist(transport, path, query, signal, known, onEvent);
      const request = {
        allowWatchBookmarks: true,
        ...query,
        watch: true,
        resourceVersion: version,
      };
      const response = await transport.open(path, { query: request, signal });
      const since = Date.now();
      version = await follow(response, version, known, onEvent);
      // A server that ends watches at once is not to be hammered.
      pauseMs = Date.now() - since > LONGEST_PAUSE_MS ? 0 : FIRST_PAUSE_MS;
    } catch (error) {
      if (isAborted(signal)) return;
      if (!isKubeError(error) || isRefusal(error)) throw error;
      if (error.status === 410) version = undefined;
      else pauseMs = Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    }
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

// Apart from the loop's condition, since the signal changes while the loop's body waits.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function isRefusal(error: KubeError): boolean {
  return [400, 401, 403, 404, 405].includes(error.status);
}

async function relist(
  transport: Transport,
  path: string,
  query: Query,
  signal: AbortSignal,
  known: Map<string, KubeObject>,
  onEvent: (event: WatchEvent) => void,
): Promise<string> {
  const list = await transport.send("GET", path, { query, signal });
  const here = new Set<string>();
  for (const object of listItems(list)) {
    const key = keyOf(object);
    here.add(key);
    const before = known.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before) continue;
    known.set(key, object);
    onEvent({ type: before ? "MODIFIED" : "ADDED", object });
  }
  for (const [key, object] of known) {
    if (here.has(key)) continue;
    known.delete(key);
    onEvent({ type: "DELETED", object });
  }
  return textAt(list, "metadata", "resourceVersion") ?? "0";
}

/** The items of a list answer; the server leaves their apiVersion and kind to the list's own. */
export function listItems(list: unknown): KubeObject[] {
  const apiVersion = textAt(list, "apiVersion");
  const kind = textAt(list, "kind")?.replace(/List$/, "");
  return listAt(list, "items").flatMap((item) => {
    const whole = isRecord(item) ? { apiVersion, kind, ...item } : item;
    return isKubeObject(whole) ? [whole] : [];
  });
}

function keyOf(object: KubeObject): string {
  const { namespace = "", name = "", uid = "" } = object.metadata;
  return `${namespace}/${name}/${uid}`;
}

// Reads events until the server ends the stream and returns the version to go on from.
async function follow(
  response: IncomingMessage,
  version: string,
  known: Map<string, KubeObject>,
  onEvent: (event: WatchEvent) => void,
): Promise<string> {
  let reached = version;
  try {
    for await (const line of linesOf(response)) {
      const event = parseLine(line);
      if (!event) continue;
      reached = textAt(event.object, "metadata", "resourceVersion") ?? reached;
      if (event.type === "ERROR") throw gone(event.object);
      if (event.type === "BOOKMARK" || !isKubeObject(event.object)) continue;
      remember(known, event.type, event.object);
      onEvent({ type: event.type, object: event.object });
    }
  } finally {
    response.destroy();
  }
  return reached;
}

// The complete lines of a stream; a stream that breaks just ends.
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  try {
    for await (const chunk of response) {
      rest += Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk);
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch {
    return;
  }
}

function remember(known: Map<string, KubeObject>, type: string, object: KubeObject): void {
  if (type === "DELETED") known.delete(keyOf(object));
  else known.set(keyOf(object), object);
}

type EventType = WatchEvent["type"] | "BOOKMARK" | "ERROR";

// A line cut off by a lost connection is not an event.
function parseLine(line: string): { type: EventType; object: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const type = fieldAt(parsed, "type");
    return isEventType(type) ? { type, object: fieldAt(parsed, "object") } : undefined;
  } catch {
    return undefined;
  }
}

function isEventType(type: unknown): type is EventType {
  return (
    type === "ADDED" ||
    type === "MODIFIED" ||
    type === "DELETED" ||
    type === "BOOKMARK" ||
    type === "ERROR"
  );
}

function gone(status: unknown): KubeError {
  const code = numberAt(status, "code") ?? 500;
  const message = textAt(status, "message") ?? "watch failed";
  return new KubeError(code, textAt(status, "reason") ?? "Unknown", message, status);
}
