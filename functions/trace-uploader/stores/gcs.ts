import { createHash, randomUUID } from "node:crypto";
import { CloudApi, type CloudApiOptions } from "../cloud/cloud-api";
import { fieldsOf, isFields } from "../cloud/token";
import type { WebAnswer, WebRequest } from "../cloud/web-client";
import { GcsSession } from "./gcs-session";
import { StoreError, StoreFault, tooLong } from "./store-error";
import {
  PART_BYTES,
  type SourceIdentity,
  type Store,
  type StoredObject,
  type Upload,
} from "./store";

/** A bucket of Google Cloud Storage. */
export interface GcsPlace {
  bucket: string;
  /** What all keys begin with, without slashes at its ends; empty for none. */
  prefix: string;
  /** Without a slash at its end. Defaults to https://storage.googleapis.com. */
  endpoint?: string | undefined;
}

/** The longest object: cloud.google.com/storage/quotas. */
const MOST_BYTES = 5 * 1024 ** 4;

/**
 * Google Cloud Storage. A file of one part is made with one request; a longer one over a resumable session, whose URI is kept in a
 * small object of its own, so that a later run goes on with it. The last request of both has the MD5 of all that was read, so the
 * store itself makes no object of other content; it is confirmed by reading it back all the same, for its SHA-256.
 *
 * A session's URI is a right by itself: who has it may send bytes of that one object, until it is whole or a week is over. So it is
 * for those who may read the bucket.
 */
export class GcsStore implements Store {
  /** A session takes its parts one after the other. */
  readonly partsAtOnce = 1;
  readonly #api: CloudApi;
  readonly #base: string;
  readonly #place: GcsPlace;

  constructor(place: GcsPlace, options: Omit<CloudApiOptions, "headers">) {
    this.#place = place;
    this.#base = place.endpoint ?? "https://storage.googleapis.com";
    this.#api = new CloudApi({ ...options, headers: {} });
  }

  partLength(length: number): number {
    if (length > MOST_BYTES) throw tooLong(length, MOST_BYTES);
    return PART_BYTES;
  }

  async find(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const url = this.#objectUrl(key);
    const request: WebRequest = { method: "GET", url: `${url}?fields=size,generation` };
    const answer = await this.#api.ask(request, [200, 404], signal);
    if (answer.status === 404) return undefined;
    const { size, generation } = fieldsOf(answer);
    const length = Number(size);
    return {
      length,
      matches: async (digest, matching) => {
        if (digest.length !== length) return false;
        const read = `${url}?alt=media&generation=${String(generation)}`;
        return (await this.#api.hash({ method: "GET", url: read }, matching)) === digest.sha256;
      },
    };
  }

  async begin(key: string, source: SourceIdentity, signal: AbortSignal): Promise<Upload> {
    if (source.length <= this.partLength(source.length)) return this.#whole(key, source);
    const records = this.#recordsOf(key);
    const known: string[] = [];
    for await (const record of this.notes(records, signal)) known.push(record);
    const last = known.sort().at(-1);
    const old = last === undefined ? undefined : await this.#sessionOf(last, source, signal);
    if (old !== undefined) return old;
    const uri = await this.#newSession(key, source, signal);
    const count = String(known.length).padStart(6, "0");
    await this.note(`${records}${count}.json`, JSON.stringify({ key, source, uri }), signal);
    return new GcsSession(this.#api, uri, source.length, 0).upload();
  }

  async note(key: string, body: string, signal: AbortSignal): Promise<void> {
    const metadata = { name: key, contentType: "application/json" };
    await this.#create(metadata, Buffer.from(body), [200, 412], signal);
  }

  async *notes(prefix: string, signal: AbortSignal): AsyncIterable<string> {
    let page: unknown = "";
    while (typeof page === "string") {
      const query = new URLSearchParams({ prefix, fields: "items(name),nextPageToken" });
      if (page !== "") query.set("pageToken", page);
      const url = `${this.#base}/storage/v1/b/${this.#bucket}/o?${query.toString()}`;
      const fields = fieldsOf(await this.#api.ask({ method: "GET", url }, [200], signal));
      for (const item of Array.isArray(fields.items) ? fields.items : []) {
        if (isFields(item) && typeof item.name === "string") yield item.name;
      }
      page = fields.nextPageToken;
    }
  }

  #whole(key: string, source: SourceIdentity): Upload {
    const put: Upload["put"] = async (_part, bytes, signal) => {
      const metadata = { ...metadataOf(key, source), md5Hash: md5(bytes) };
      const { status } = await this.#create(metadata, bytes, [200, 412], signal);
      if (status !== 200) throw new StoreError(StoreFault.Exists, "the object is there already");
    };
    const nothing = () => Promise.resolve();
    return { holds: () => false, put, finish: nothing, abandon: nothing };
  }

  /** Makes an object with one request, if its name is free. */
  #create(
    metadata: object,
    content: Uint8Array,
    accepted: readonly number[],
    signal: AbortSignal,
  ): Promise<WebAnswer> {
    const boundary = randomUUID();
    const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(metadata)}`;
    const body = Buffer.concat([
      Buffer.from(`${head}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`),
      content,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const url = `${this.#uploadUrl}?uploadType=multipart&ifGenerationMatch=0`;
    const headers = { "content-type": `multipart/related; boundary=${boundary}` };
    return this.#api.ask({ method: "POST", url, headers, body }, accepted, signal);
  }

  async #newSession(key: string, source: SourceIdentity, signal: AbortSignal): Promise<string> {
    const query = new URLSearchParams({ uploadType: "resumable", ifGenerationMatch: "0" });
    query.set("name", key);
    const headers = {
      "content-type": "application/json; charset=UTF-8",
      "x-upload-content-length": String(source.length),
    };
    const url = `${this.#uploadUrl}?${query.toString()}`;
    const body = JSON.stringify(metadataOf(key, source));
    const answer = await this.#api.ask(
      { method: "POST", url, headers, body },
      [200, 201, 412],
      signal,
    );
    if (answer.status === 412)
      throw new StoreError(StoreFault.Exists, "the object is there already");
    const uri = answer.headers.location;
    if (uri !== undefined && this.#isOurs(uri)) return uri;
    throw new StoreError(StoreFault.Unavailable, "the store gave no session of its own");
  }

  /** The session of an earlier run, where it is for the same file and lives. */
  async #sessionOf(
    record: string,
    source: SourceIdentity,
    signal: AbortSignal,
  ): Promise<Upload | undefined> {
    const url = `${this.#objectUrl(record)}?alt=media`;
    const answer = await this.#api.ask({ method: "GET", url }, [200, 404], signal);
    const { source: of, uri } = fieldsOf(answer);
    const isSame = isFields(of) && of.length === source.length && of.modified === source.modified;
    // Whoever may write to the bucket may have written the record: traces go to this store and no other.
    if (!isSame || typeof uri !== "string" || !this.#isOurs(uri)) return undefined;
    return GcsSession.resume(this.#api, uri, source.length, signal);
  }

  #isOurs(uri: string): boolean {
    return URL.canParse(uri) && new URL(uri).origin === new URL(this.#base).origin;
  }

  /** Where the records of a key's sessions are. */
  #recordsOf(key: string): string {
    const { prefix } = this.#place;
    const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
    return `${prefix === "" ? "" : `${prefix}/`}.uploads/${hash}/`;
  }

  get #bucket(): string {
    return encodeURIComponent(this.#place.bucket);
  }

  get #uploadUrl(): string {
    return `${this.#base}/upload/storage/v1/b/${this.#bucket}/o`;
  }

  #objectUrl(key: string): string {
    return `${this.#base}/storage/v1/b/${this.#bucket}/o/${encodeURIComponent(key)}`;
  }
}

function metadataOf(key: string, { path, modified }: SourceIdentity): object {
  const metadata = { path, modified };
  return { name: key, contentType: "application/octet-stream", metadata };
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
