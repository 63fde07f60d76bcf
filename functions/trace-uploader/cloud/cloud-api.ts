import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError, StoreFault } from "../stores/store-error";
import { TokenError, type TokenSource } from "./token";
import type { WebAnswer, WebClient, WebRequest } from "./web-client";
import { WebError } from "./web-error";

/** What each request to a cloud's API goes with. */
export interface CloudApiOptions {
  web: WebClient;
  /** Defaults to none: a server in a test that asks for none. */
  token?: TokenSource | undefined;
  /** Headers of every request. */
  headers: Readonly<Record<string, string>>;
}

/** How often one request is made before its store counts as down, and the milliseconds before the second time. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 10_000;

/** What a busy or broken server answers: asking again helps. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/**
 * A cloud's API: identity on every request, and again with patience where asking again helps, for a few seconds altogether. Only for
 * requests that may be made twice: all that the uploader makes are create-only, so the second finds what the first made.
 */
export class CloudApi {
  readonly #options: CloudApiOptions;

  constructor(options: CloudApiOptions) {
    this.#options = options;
  }

  /** An answer of one of these statuses. Errors: StoreError; the signal's reason. */
  ask(request: WebRequest, accepted: readonly number[], signal: AbortSignal): Promise<WebAnswer> {
    return this.#again(request, signal, async (authorised) => {
      const answer = await this.#options.web.send(authorised, signal);
      return accepted.includes(answer.status) ? answer : refusal(request, answer);
    });
  }

  /** SHA-256 of an answer's body, `undefined` where the object is not there (any more). Errors: as those of `ask`. */
  hash(request: WebRequest, signal: AbortSignal): Promise<string | undefined> {
    const { web } = this.#options;
    return this.#again(request, signal, async (authorised) => {
      const { body, ...answer } = await web.open(authorised, signal);
      const hash = createHash("sha256");
      await web.take(body, request, signal, (piece) => {
        hash.update(piece);
      });
      if (answer.status === 404 || answer.status === 412) return undefined;
      if (answer.status === 200) return hash.digest("hex");
      return refusal(request, { ...answer, body: Buffer.alloc(0) });
    });
  }

  async #again<T>(
    request: WebRequest,
    signal: AbortSignal,
    attempt: (authorised: WebRequest) => Promise<T | Refusal>,
  ): Promise<T> {
    let last: StoreError | undefined;
    let wasUnauthorised = false;
    for (let count = 1; count <= ATTEMPTS; count += 1) {
      const outcome = await this.#once(request, signal, attempt);
      if (!(outcome instanceof Refusal)) return outcome;
      last = outcome.error;
      if ((outcome.status === 401 || outcome.status === 403) && !wasUnauthorised) {
        wasUnauthorised = true;
        this.#options.token?.forget();
        continue;
      }
      if (outcome.status !== 0 && !PASSING.has(outcome.status)) throw last;
      if (count < ATTEMPTS) await sleep(pause(count, outcome.retryAfter), undefined, { signal });
    }
    throw last ?? new Error("nothing was asked");
  }

  async #once<T>(
    request: WebRequest,
    signal: AbortSignal,
    attempt: (authorised: WebRequest) => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const { headers, token } = this.#options;
    try {
      const identity: Record<string, string> =
        token === undefined ? {} : { authorization: `Bearer ${await token.token(signal)}` };
      return await attempt({
        ...request,
        headers: { ...headers, ...identity, ...request.headers },
      });
    } catch (error) {
      if (!(error instanceof WebError) && !(error instanceof TokenError)) throw error;
      return new Refusal(0, new StoreError(StoreFault.Unavailable, error.message, error));
    }
  }
}

/** An answer that was not the one wanted; a status of 0 is no answer. */
class Refusal {
  readonly status: number;
  readonly error: StoreError;
  readonly retryAfter: string | undefined;

  constructor(status: number, error: StoreError, retryAfter?: string) {
    this.status = status;
    this.error = error;
    this.retryAfter = retryAfter;
  }
}

function refusal(request: WebRequest, { status, headers, body }: WebAnswer): Refusal {
  const { host, pathname } = new URL(request.url);
  const code = headers["x-ms-error-code"] ?? "";
  const words = `${code.toString()} ${body.toString("utf8").slice(0, 200)}`.replaceAll(/\s+/g, " ");
  const message = `${request.method} ${host}${pathname}: ${status} ${words.trim()}`;
  return new Refusal(status, new StoreError(faultOf(status), message), headers["retry-after"]);
}

/** Of what kind a status is that no caller asked for by name. */
function faultOf(status: number): StoreFault {
  // 400, 409, 411, 413 and their like are about what was sent; identity, rights and a bucket that is not there are about the store.
  const isAboutObject =
    status >= 400 && status < 500 && ![401, 403, 404, 408, 429].includes(status);
  return isAboutObject ? StoreFault.Refused : StoreFault.Unavailable;
}

function pause(count: number, retryAfter: string | undefined): number {
  const asked = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;
  const own = FIRST_PAUSE_MILLISECONDS * 2 ** (count - 1) * (0.5 + Math.random());
  return Math.min(Math.max(asked, own), LONGEST_PAUSE_MILLISECONDS);
}
