import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";

/** A request on its way to a store. */
export interface GateRequest {
  /** From 1, in the order they came. */
  number: number;
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** An answer that the store itself does not give. */
export interface PlayedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What becomes of a request: on to the store, and its answer back; neither; the first alone; or another answer. */
export type Way = "pass" | "cut" | "lose answer" | PlayedAnswer;

/** A way to a store, over which everything can go wrong. */
export interface StoreGate {
  url: string;
  /** Says what becomes of the requests from now on; numbers begin anew. */
  rule: (way: (request: GateRequest) => Way) => void;
  /** Says what is done once the store has a request whose answer is lost. */
  onLost: (act: () => void) => void;
  /** The requests since the last rule. */
  count: () => number;
  close: () => Promise<void>;
}

/** Opens a way to a store. `played` answers what the store does not know, before any rule. */
export async function openGate(
  store: string,
  played: Played = { ask: () => undefined, learn: () => undefined },
): Promise<StoreGate> {
  let way: (request: GateRequest) => Way = () => "pass";
  let count = 0;
  let lost = () => undefined as unknown;
  const server = http.createServer((incoming, answer) => {
    void (async () => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      count += 1;
      const { method = "", url = "", headers } = incoming;
      const request = { number: count, method, url, headers, body: Buffer.concat(pieces) };
      const chosen = way(request);
      if (chosen === "cut") {
        incoming.socket.destroy();
        return;
      }
      const found = typeof chosen === "object" ? chosen : played.ask(request);
      const given = found === undefined ? await forward(store, request, played) : whole(found);
      if (chosen === "lose answer") {
        lost();
        incoming.socket.destroy();
        return;
      }
      answer.writeHead(given.status, given.headers).end(given.body);
    })().catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rule: (next) => {
      way = next;
      count = 0;
    },
    onLost: (act) => {
      lost = act;
    },
    count: () => count,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What is played for a store that lacks it. */
export interface Played {
  /** An answer in the store's place. */
  ask: (request: GateRequest) => PlayedAnswer | undefined;
  /** Sees what the store answered. */
  learn: (request: GateRequest, status: number, headers: http.IncomingHttpHeaders) => void;
}

interface WholeAnswer {
  status: number;
  headers: http.OutgoingHttpHeaders;
  body: Buffer;
}

function whole({ status, headers = {}, body = "" }: PlayedAnswer): WholeAnswer {
  return { status, headers, body: Buffer.from(body) };
}

function forward(store: string, request: GateRequest, played: Played): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const { method, url, headers, body } = request;
    // A server's own certificate in a test: who the store is is not what is shown here.
    const options = { method, headers: { ...headers, connection: "close" } };
    const given = (answer: http.IncomingMessage) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => {
        const status = answer.statusCode ?? 0;
        played.learn(request, status, answer.headers);
        resolve({ status, headers: answer.headers, body: Buffer.concat(pieces) });
      });
    };
    const sent = store.startsWith("https:")
      ? https.request(`${store}${url}`, { ...options, rejectUnauthorized: false }, given)
      : http.request(`${store}${url}`, options, given);
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * Sessions as Cloud Storage has them and fake-gcs-server has not: it takes the question how far a session is for its end, and chunks
 * for the next bytes whatever they say. The question is answered here, and a chunk that does not follow is not handed on.
 */
export function playSessions(): Played {
  const kept = new Map<string, number>();
  const rangeOf = ({ headers }: GateRequest) =>
    /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(headers["content-range"] ?? "");
  const idOf = ({ url }: GateRequest) => new URL(url, "http://x").searchParams.get("upload_id");
  const incomplete = (bytes: number): PlayedAnswer => ({
    status: 308,
    headers: bytes === 0 ? {} : { range: `bytes=0-${bytes - 1}` },
  });
  return {
    ask: (request) => {
      const [id, range] = [idOf(request), rangeOf(request)];
      if (request.method !== "PUT" || id === null || range === null) return undefined;
      const bytes = kept.get(id) ?? 0;
      if (range[1] === undefined) return bytes < 0 ? { status: 200 } : incomplete(bytes);
      return Number(range[1]) === bytes ? undefined : incomplete(Math.max(bytes, 0));
    },
    learn: (request, status) => {
      const [id, range] = [idOf(request), rangeOf(request)];
      if (id === null || range === null) return;
      if (status === 308) kept.set(id, Number(range[2]) + 1);
      else if (status < 300) kept.set(id, -1);
    },
  };
}
