import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { credentialSource, type Credential } from "./credentials";
import { KubeError } from "./kube-error";
import type { KubeConfig } from "./kubeconfig";
import { textAt } from "./objects";
import { reasonOf, timeLimit, untilAborted, type TimeLimit } from "./time-limit";

/** Query parameters; those that are undefined are left out. */
export type Query = Record<string, string | number | boolean | undefined>;

/** What a request carries besides method and path. */
export interface RequestOptions {
  body?: unknown;
  /** Defaults to `application/json`. */
  contentType?: string;
  query?: Query;
  signal?: AbortSignal;
  /**
   * Longest time for the whole answer, from the moment the request has a connection. Defaults to
   * 60. Watches (`open`) have no limit: they end with their signal.
   */
  timeoutSeconds?: number;
}

// The API server's own limit for ordinary requests (kube-apiserver --request-timeout).
const REQUEST_TIMEOUT_SECONDS = 60;

/** Sends requests to one API server over connections that it keeps open. */
export interface Transport {
  /** Answers with the parsed JSON body (undefined for an empty one); throws KubeError. */
  send: (method: string, path: string, options?: RequestOptions) => Promise<unknown>;
  /** The answer as it arrives; it is the caller's to end. Throws KubeError. */
  open: (path: string, options?: RequestOptions) => Promise<http.IncomingMessage>;
  /** Ends idle connections, so that the process may end. */
  close: () => void;
}

// The server asks for patience when it is overloaded; more than this many times is a failure.
const MAX_THROTTLED = 8;

// Below the API server's own idle limit, so that a connection is not used just as the server closes it.
const IDLE_MS = 60_000;

/** Makes a transport. Connections are opened as needed, at most `maxConnections` (defaults to 24). */
export function createTransport(config: KubeConfig, maxConnections = 24): Transport {
  const current = credentialSource(config);
  const agents = agentPool(config, maxConnections);
  const start = async (
    method: string,
    path: string,
    options: RequestOptions,
    pool: "calls" | "streams",
    onConnection?: () => void,
  ) => {
    const credential = await untilAborted(current(), options.signal);
    const url = urlOf(config.server, path, options.query);
    const agent = agents.pick(credential, pool);
    return respond(method, url, options, {
      credential,
      agent,
      ...(onConnection && { onConnection }),
    });
  };
  return {
    send: (method, path, options = {}) => {
      const what = `API server ${config.server}: no answer to ${method} ${path}`;
      return sendPatiently(what, options, (signal, onConnection) =>
        start(method, path, { ...options, signal }, "calls", onConnection),
      );
    },
    open: async (path, options = {}) => {
      const response = await start("GET", path, options, "streams");
      if (isSuccess(response)) return response;
      throw errorOf(response, await textOf(response));
    },
    close: agents.close,
  };
}

type Start = (signal: AbortSignal, onConnection: () => void) => Promise<http.IncomingMessage>;

async function sendPatiently(
  what: string,
  { signal, timeoutSeconds = REQUEST_TIMEOUT_SECONDS }: RequestOptions,
  start: Start,
): Promise<unknown> {
  for (let throttled = 0; ; throttled++) {
    const limit = timeLimit(what, timeoutSeconds, signal);
    const { response, text } = await exchange(limit, start);
    if (isSuccess(response)) return parseBody(text);
    const retryAfterSeconds = Number(response.headers["retry-after"]);
    if (response.statusCode !== 429 || throttled >= MAX_THROTTLED) throw errorOf(response, text);
    // An eviction refused by a budget is 429 too, but without a Retry-After worth waiting for.
    if (!(retryAfterSeconds > 0)) throw errorOf(response, text);
    await sleep(retryAfterSeconds * 1000, undefined, signal ? { signal } : {});
  }
}

// One request with its whole answer.
async function exchange(limit: TimeLimit, start: Start) {
  const { signal } = limit;
  try {
    const response = await start(signal, limit.begin);
    const text = await textOf(response).catch((error: unknown) => {
      throw signal.aborted
        ? reasonOf(signal)
        : new KubeError(0, "Unreachable", "API server: connection lost within an answer", error);
    });
    return { response, text };
  } finally {
    limit.end();
  }
}

function agentPool(config: KubeConfig, maxConnections: number) {
  const secure = config.server.startsWith("https:");
  const agents = new Map<string, http.Agent>();
  const make = (credential: Credential, maxSockets: number) => {
    const options = { keepAlive: true, maxSockets, timeout: IDLE_MS };
    if (!secure) return new http.Agent(options);
    return new https.Agent({
      ...options,
      rejectUnauthorized: !config.insecureSkipTlsVerify,
      ...(config.ca && { ca: config.ca }),
      ...(config.serverName !== undefined && { servername: config.serverName }),
      ...(credential.certificate && { cert: credential.certificate }),
      ...(credential.key && { key: credential.key }),
    });
  };
  return {
    // Watches hold their connection, so they must not use up those of ordinary calls.
    pick: (credential: Credential, pool: "calls" | "streams"): http.Agent => {
      const id = `${pool} ${credential.certificate?.toString() ?? ""}`;
      const agent =
        agents.get(id) ?? make(credential, pool === "calls" ? maxConnections : Infinity);
      agents.set(id, agent);
      return agent;
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function urlOf(server: string, path: string, query: Query = {}): URL {
  const url = new URL(server.replace(/\/+$/, "") + path);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

interface Line {
  credential: Credential;
  agent: http.Agent;
  onConnection?: () => void;
}

function respond(
  method: string,
  url: URL,
  options: RequestOptions,
  { credential, agent, onConnection }: Line,
): Promise<http.IncomingMessage> {
  const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
  const headers = {
    accept: "application/json",
    ...(credential.token !== undefined && { authorization: `Bearer ${credential.token}` }),
    ...(body && {
      "content-type": options.contentType ?? "application/json",
      "content-length": body.length,
    }),
  };
  const { request } = url.protocol === "https:" ? https : http;
  const attempt = (mayRepeat: boolean): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const settings = {
        method,
        agent,
        headers,
        ...(options.signal && { signal: options.signal }),
      };
      const call = request(url, settings, resolve);
      if (onConnection) call.once("socket", onConnection);
      call.on("error", (error) => {
        // The server closed a kept connection as we reached for it: nothing was processed.
        if (mayRepeat && call.reusedSocket && isReset(error)) resolve(attempt(false));
        else if (options.signal?.aborted === true) reject(reasonOf(options.signal));
        else reject(unreachable(url, error));
      });
      call.end(body);
    });
  return attempt(true);
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

function unreachable(url: URL, error: Error): KubeError {
  // Node reports "connection refused on every address" with an empty message and a code.
  const detail = error.message !== "" ? error.message : "code" in error ? String(error.code) : "";
  return new KubeError(0, "Unreachable", `API server ${url.origin}: ${detail}`);
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isSuccess(response: http.IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

// Health endpoints answer in plain text.
function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function errorOf(response: http.IncomingMessage, text: string): KubeError {
  const status = response.statusCode ?? 0;
  const body = parseBody(text);
  const message = textAt(body, "message") ?? (text.trim() || `HTTP status ${status}`);
  return new KubeError(status, textAt(body, "reason") ?? "Unknown", message, body);
}
