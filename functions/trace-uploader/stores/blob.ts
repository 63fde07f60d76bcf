import { createHash } from "node:crypto";
import { CloudApi, type CloudApiOptions } from "../cloud/cloud-api";
import type { WebRequest } from "../cloud/web-client";
import { StoreError, StoreFault, tooLong } from "./store-error";
import {
  MOST_PART_BYTES,
  PART_BYTES,
  type Digest,
  type Part,
  type SourceIdentity,
  type Store,
  type StoredObject,
  type Upload,
} from "./store";

/** A container of an account of Azure Blob Storage. */
export interface BlobPlace {
  /** The account's URL, without a slash at its end. */
  account: string;
  container: string;
}

/** The version of the service's protocol; tokens need 2017-11-09 or later, blocks over 100 MiB 2019-12-12. */
const PROTOCOL = "2023-11-03";

/** A block blob has so many: learn.microsoft.com/azure/storage/blobs/scalability-targets. */
const MOST_BLOCKS = 50_000;

/** What is sent where a key is taken already, for blobs and for lists of blocks. */
const TAKEN = [409, 412];

/**
 * Azure Blob Storage. A block's id is its number and its SHA-256, so the service's list of uncommitted blocks says what a later run
 * need not send again, and blocks of different content never mix. The service keeps no SHA-256 of a blob: it is confirmed by reading
 * it back.
 */
export class BlobStore implements Store {
  readonly partsAtOnce = 8;
  readonly #api: CloudApi;
  readonly #place: BlobPlace;

  constructor(place: BlobPlace, options: Omit<CloudApiOptions, "headers">) {
    this.#place = place;
    this.#api = new CloudApi({ ...options, headers: { "x-ms-version": PROTOCOL } });
  }

  partLength(length: number): number {
    const most = MOST_BLOCKS * MOST_PART_BYTES;
    if (length > most) throw tooLong(length, most);
    let part = PART_BYTES;
    while (part * MOST_BLOCKS < length) part *= 2;
    return part;
  }

  async find(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const url = this.#url(key);
    const answer = await this.#api.ask({ method: "HEAD", url }, [200, 404], signal);
    if (answer.status === 404) return undefined;
    const length = Number(answer.headers["content-length"]);
    const etag = answer.headers.etag ?? "";
    return {
      length,
      matches: async (digest, matching) => {
        if (digest.length !== length) return false;
        const read: WebRequest = { method: "GET", url, headers: { "if-match": etag } };
        return (await this.#api.hash(read, matching)) === digest.sha256;
      },
    };
  }

  async begin(key: string, source: SourceIdentity, signal: AbortSignal): Promise<Upload> {
    const url = this.#url(key);
    const metadata = metadataOf(source);
    if (source.length <= this.partLength(source.length)) return this.#whole(url, metadata);
    const list = `${url}?comp=blocklist&blocklisttype=uncommitted`;
    const answer = await this.#api.ask({ method: "GET", url: list }, [200, 404], signal);
    const held = new Set(answer.status === 200 ? textsOf(answer.body, "Name") : []);
    return {
      had: held.size,
      holds: (part) => held.has(blockId(part)),
      put: (part, bytes, putting) => this.#putBlock(url, part, bytes, putting),
      finish: (digest, finishing) => this.#commit(url, digest, metadata, finishing),
      abandon: () => Promise.resolve(),
    };
  }

  async note(key: string, body: string, signal: AbortSignal): Promise<void> {
    const headers = {
      ...CREATE,
      "x-ms-blob-type": "BlockBlob",
      "content-type": "application/json",
    };
    const request: WebRequest = { method: "PUT", url: this.#url(key), headers, body };
    await this.#api.ask(request, [201, ...TAKEN], signal);
  }

  async *notes(prefix: string, signal: AbortSignal): AsyncIterable<string> {
    let marker: string | undefined = "";
    while (marker !== undefined) {
      const query = new URLSearchParams({ restype: "container", comp: "list", prefix, marker });
      const url = `${this.#place.account}/${this.#place.container}?${query.toString()}`;
      const answer = await this.#api.ask({ method: "GET", url }, [200], signal);
      yield* textsOf(answer.body, "Name");
      marker = textsOf(answer.body, "NextMarker").find((text) => text !== "");
    }
  }

  /** One part: the blob comes into being with it. */
  #whole(url: string, metadata: Readonly<Record<string, string>>): Upload {
    const put: Upload["put"] = async (_part, bytes, signal) => {
      const headers = { ...CREATE, ...metadata, ...md5(bytes), "x-ms-blob-type": "BlockBlob" };
      const request: WebRequest = { method: "PUT", url, headers, body: bytes };
      const { status } = await this.#api.ask(request, [201, ...TAKEN], signal);
      if (status !== 201) throw new StoreError(StoreFault.Exists, "the blob is there already");
    };
    const nothing = () => Promise.resolve();
    return { holds: () => false, put, finish: nothing, abandon: nothing };
  }

  async #putBlock(url: string, part: Part, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const block = `${url}?comp=block&blockid=${encodeURIComponent(blockId(part))}`;
    const request: WebRequest = { method: "PUT", url: block, headers: md5(bytes), body: bytes };
    await this.#api.ask(request, [201], signal);
  }

  async #commit(
    url: string,
    { parts }: Digest,
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const blocks = parts.map((part) => `<Uncommitted>${blockId(part)}</Uncommitted>`);
    const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks.join("")}</BlockList>`;
    const headers = { ...CREATE, ...metadata, "content-type": "application/xml" };
    const list: WebRequest = { method: "PUT", url: `${url}?comp=blocklist`, headers, body };
    const { status } = await this.#api.ask(list, [201, 400, ...TAKEN], signal);
    if (status === 201) return;
    // 400 is InvalidBlockList: blocks that were not committed for a week are dropped, and a commit drops the rest.
    const kind = status === 400 ? StoreFault.Gone : StoreFault.Exists;
    throw new StoreError(kind, `the blocks could not be committed: ${status}`);
  }

  #url(key: string): string {
    const { account, container } = this.#place;
    return `${account}/${container}/${key.split("/").map(pathSegment).join("/")}`;
  }
}

const CREATE = { "if-none-match": "*" };

/** The service takes no segment that ends with a dot. A key has no %2E of its own: whoever made it wrote % as %25. */
function pathSegment(name: string): string {
  return encodeURIComponent(name.replace(/\.$/, "%2E"));
}

/** Base64 of the part's number and its SHA-256; ids of one blob must be equally long, and at most 64 bytes. */
function blockId({ index, sha256 }: Part): string {
  const id = Buffer.alloc(4 + 32);
  id.writeUInt32BE(index);
  id.write(sha256, 4, "hex");
  return id.toString("base64");
}

function md5(bytes: Uint8Array): Record<string, string> {
  return { "content-md5": createHash("md5").update(bytes).digest("base64") };
}

function metadataOf({ path, modified }: SourceIdentity): Record<string, string> {
  return { "x-ms-meta-path": path, "x-ms-meta-modified": modified };
}

/** The texts of all elements of a name in XML as the service writes it: without attributes, sections or comments. */
function textsOf(body: Buffer, name: string): string[] {
  const found = body.toString("utf8").matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"));
  return [...found].map(([, text = ""]) => text.replaceAll(/&(amp|lt|gt|quot|apos);/g, character));
}

const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" },
};

function character(whole: string, name: string): string {
  return CHARACTERS[name] ?? whole;
}
