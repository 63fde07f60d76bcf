import { createHash } from "node:crypto";
import type { CloudApi } from "../cloud/cloud-api";
import type { WebAnswer, WebRequest } from "../cloud/web-client";
import { StoreError, StoreFault } from "./store-error";
import { PART_BYTES, type Part, type Upload } from "./store";

/** More is to come. */
const INCOMPLETE = 308;
const WHOLE = [200, 201];
/** The session is no more: it ended, or is over a week old. */
const GONE = [404, 410];
/** Somebody else made the object. */
const TAKEN = 412;
const ACCEPTED = [INCOMPLETE, TAKEN, ...WHOLE, ...GONE];

/** Requests for one part in which the store takes nothing more. */
const MOST_IDLE = 4;

/**
 * A resumable session: cloud.google.com/storage/docs/performing-resumable-uploads. The store keeps a prefix of the bytes sent, and says
 * how long it is; what was sent again counts once. All bytes are hashed here, those that the store has already too, so that the last
 * request can say what all of it must be.
 */
export class GcsSession {
  readonly #api: CloudApi;
  readonly #uri: string;
  readonly #length: number;
  readonly #hash = createHash("md5");
  /** Bytes that the store has. */
  #kept: number;
  #isWhole = false;

  constructor(api: CloudApi, uri: string, length: number, kept: number) {
    this.#api = api;
    this.#uri = uri;
    this.#length = length;
    this.#kept = kept;
  }

  /** A session that was begun earlier; `undefined` where it is no more. */
  static async resume(
    api: CloudApi,
    uri: string,
    length: number,
    signal: AbortSignal,
  ): Promise<Upload | undefined> {
    const session = new GcsSession(api, uri, length, 0);
    const answer = await session.#send(`bytes */${length}`, new Uint8Array(0), {}, signal);
    if (GONE.includes(answer.status)) return undefined;
    session.#learn(answer);
    if (session.#isWhole) throw new StoreError(StoreFault.Gone, "the upload was ended before");
    return session.upload();
  }

  /** What the uploader does with it. It hands every part over: see above. */
  upload(): Upload {
    return {
      had: Math.floor(this.#kept / PART_BYTES),
      holds: () => false,
      put: (part, bytes, signal) => this.#put(part, bytes, signal),
      finish: () => {
        if (this.#isWhole) return Promise.resolve();
        return Promise.reject(new StoreError(StoreFault.Gone, "the store lacks a part"));
      },
      abandon: () => Promise.resolve(),
    };
  }

  async #put(part: Part, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#hash.update(bytes);
    const end = part.offset + part.length;
    const sum: Record<string, string> =
      end === this.#length ? { "x-goog-hash": `md5=${this.#hash.digest("base64")}` } : {};
    for (let idle = 0; this.#kept < end && idle < MOST_IDLE;) {
      const before = this.#kept;
      if (before < part.offset) break;
      const range = `bytes ${before}-${end - 1}/${this.#length}`;
      this.#learn(await this.#send(range, bytes.subarray(before - part.offset), sum, signal));
      if (this.#kept <= before) idle += 1;
    }
    if (this.#kept < end) {
      throw new StoreError(StoreFault.Gone, `the store has ${this.#kept} bytes, not ${end}`);
    }
  }

  #learn({ status, headers }: WebAnswer): void {
    if (status === TAKEN) throw new StoreError(StoreFault.Exists, "the object is there already");
    if (GONE.includes(status)) throw new StoreError(StoreFault.Gone, "the session is no more");
    if (WHOLE.includes(status)) {
      this.#isWhole = true;
      this.#kept = this.#length;
      return;
    }
    const last = /^bytes=0-(\d+)$/.exec(headers.range ?? "")?.[1];
    // No header: the store has nothing.
    this.#kept = last === undefined ? 0 : Number(last) + 1;
  }

  #send(
    range: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<WebAnswer> {
    const request: WebRequest = {
      ...{ method: "PUT", url: this.#uri, body },
      headers: { ...headers, "content-range": range },
    };
    return this.#api.ask(request, ACCEPTED, signal);
  }
}
