import * as http from "node:http";
import * as https from "node:https";
import type * as net from "node:net";
import { Readable } from "node:stream";
import { inSlices } from "./slices";
import { WebError } from "./web-error";

/** One request. */
export interface WebRequest {
  method: "GET" | "HEAD" | "POST" | "PUT";
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is; its length is said by this client. Defaults to none. */
  body?: Uint8Array | string;
}

/** An answer whose body is still to come; it must be read to its end, or destroyed. */
export interface OpenAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: http.IncomingMessage;
}

/** A whole answer. */
export interface WebAnswer extends Omit<OpenAnswer, "body"> {
  body: Buffer;
}

/** Bytes of the longest answer that is kept whole; lists of objects come in pages of less. */
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;

/** Connections that are kept for the next request. */
const KEPT = 8;

/**
 * Requests over HTTP and HTTPS with connections kept open, and nothing more: bodies are neither copied nor changed, redirections
 * are not followed. The certificates of servers are always verified, with NODE_EXTRA_CA_CERTS.
 */
export class WebClient {
  readonly #plain = new http.Agent({ keepAlive: true, maxFreeSockets: KEPT });
  readonly #secure: https.Agent;
  readonly #silenceSeconds: number;

  /**
   * `silenceSeconds`: how long nothing may come or go before a request is given up. Defaults to 30. `lookup`: how addresses of hosts are
   * found over HTTPS. Defaults to DNS.
   */
  constructor(silenceSeconds = 30, lookup?: net.LookupFunction) {
    this.#silenceSeconds = silenceSeconds;
    this.#secure = new https.Agent({
      ...{ keepAlive: true, maxFreeSockets: KEPT, minVersion: "TLSv1.2" },
      // Said so that the environment's NODE_TLS_REJECT_UNAUTHORIZED has no say.
      rejectUnauthorized: true,
      ...(lookup !== undefined && { lookup }),
    });
  }

  /** The answer, as soon as it begins. Errors: WebError; the signal's reason. */
  open(request: WebRequest, signal: AbortSignal): Promise<OpenAnswer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { method, url, headers = {}, body = "" } = request;
      const bytes = typeof body === "string" ? Buffer.from(body) : body;
      const length: Record<string, string> =
        method === "GET" || method === "HEAD" ? {} : { "content-length": String(bytes.byteLength) };
      const isSecure = url.startsWith("https:");
      const options = { method, headers: { ...headers, ...length }, signal };
      const sent = isSecure
        ? https.request(url, { ...options, agent: this.#secure })
        : http.request(url, { ...options, agent: this.#plain });
      sent.setTimeout(this.#silenceSeconds * 1000, () => {
        sent.destroy(new Error(`silence for ${this.#silenceSeconds} s`));
      });
      sent.on("error", (error) => {
        reject(this.#failed(request, error, signal));
      });
      sent.on("response", (answer) => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
      });
      const slices = inSlices(bytes);
      if (slices instanceof Readable) slices.pipe(sent);
      else sent.end(slices);
    });
  }

  /** The whole answer. Errors: as those of `open`. */
  async send(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    const { body, ...answer } = await this.open(request, signal);
    const pieces: Buffer[] = [];
    let length = 0;
    await this.take(body, request, signal, (piece) => {
      length += piece.length;
      if (length > MOST_ANSWER_BYTES) throw new Error("the answer is too long");
      pieces.push(piece);
    });
    return { ...answer, body: Buffer.concat(pieces) };
  }

  /** Hands an answer's body over, piece by piece. Errors: as those of `open`, also where the body ends early. */
  async take(
    body: http.IncomingMessage,
    request: WebRequest,
    signal: AbortSignal,
    use: (piece: Buffer) => void,
  ): Promise<void> {
    try {
      const pieces: AsyncIterable<Buffer> = body;
      for await (const piece of pieces) use(piece);
      if (!body.complete) throw new Error("the answer ended early");
    } catch (error) {
      body.destroy();
      throw this.#failed(request, error, signal);
    }
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #failed({ method, url }: WebRequest, error: unknown, signal: AbortSignal): Error {
    if (signal.aborted) {
      return signal.reason instanceof Error ? signal.reason : new WebError("given up");
    }
    const { host, pathname } = new URL(url);
    const words = error instanceof Error ? error.message : String(error);
    // Without the query: it may be a capability.
    return new WebError(`${method} ${host}${pathname}: ${words}`, error);
  }
}
