import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type HeadObjectCommandOutput,
  type MultipartUpload,
  type Part as StoredPart,
  type S3Client,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Part, SourceIdentity } from "./store";
import { isDamaged, isNotFound, storeErrorOf } from "./s3-error";

/** So often a part is sent that the store got damaged. */
const SENDINGS = 3;

/** A bucket, and whether the store computes checksums of what it gets. */
export interface S3Bucket {
  client: S3Client;
  bucket: string;
  /** Whether SHA-256 is sent with everything, and asked for. Without, the signature alone covers what is sent. */
  checksums: boolean;
}

/** The requests to S3 that the uploader makes. All fail with a StoreError. */
export class S3Requests {
  readonly #bucket: S3Bucket;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  /** What the store says of an object, its checksum included; `undefined` where there is none. */
  async head(key: string, signal: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
    const { client, checksums } = this.#bucket;
    const mode = checksums ? ({ ChecksumMode: "ENABLED" } as const) : {};
    const command = new HeadObjectCommand({ ...this.#at(key), ...mode });
    try {
      return await client.send(command, { abortSignal: signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw storeErrorOf(error, { operation: "HeadObject", key });
    }
  }

  /** SHA-256 of the object that has this ETag, read back. */
  async hash(key: string, etag: string | undefined, signal: AbortSignal): Promise<string> {
    return this.#named("GetObject", key, async () => {
      const command = new GetObjectCommand({ ...this.#at(key), IfMatch: etag });
      const { Body } = await this.#bucket.client.send(command, { abortSignal: signal });
      const hash = createHash("sha256");
      if (Body !== undefined) {
        const into = new Writable({
          write(piece: Uint8Array, _, done) {
            hash.update(piece);
            done();
          },
        });
        // A stream of Node.js in Node.js; its type is any platform's.
        if (!(Body instanceof Readable)) throw new Error("a body that cannot be read");
        await pipeline(Body, into, { signal });
      }
      return hash.digest("hex");
    });
  }

  /** Makes an object in one request, if there is none. */
  async putObject(
    object: { key: string; body: Uint8Array; sha256: string; headers: ObjectHeaders },
    signal: AbortSignal,
  ): Promise<void> {
    const { key, body, sha256, headers } = object;
    await this.#sending("PutObject", key, () => {
      const input = { ...this.#at(key), ...headers, Body: body, IfNoneMatch: "*" };
      const command = new PutObjectCommand({ ...input, ...this.#checksum(sha256) });
      return this.#bucket.client.send(command, { abortSignal: signal });
    });
  }

  /** Uploads of a key that were begun, the oldest first. */
  async begun(key: string, signal: AbortSignal): Promise<MultipartUpload[]> {
    return this.#named("ListMultipartUploads", key, async () => {
      const { client, bucket } = this.#bucket;
      const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key });
      const { Uploads = [] } = await client.send(command, { abortSignal: signal });
      return Uploads.filter(({ Key }) => Key === key);
    });
  }

  /** Begins an upload in parts; its number. */
  async create(key: string, headers: ObjectHeaders, signal: AbortSignal): Promise<string> {
    return this.#named("CreateMultipartUpload", key, async () => {
      const { client, checksums } = this.#bucket;
      const algorithm = checksums
        ? ({ ChecksumAlgorithm: "SHA256", ChecksumType: "COMPOSITE" } as const)
        : {};
      const input = { ...this.#at(key), ...headers, ...algorithm };
      const command = new CreateMultipartUploadCommand(input);
      const { UploadId } = await client.send(command, { abortSignal: signal });
      if (UploadId === undefined) throw new Error("no upload number");
      return UploadId;
    });
  }

  /** The parts of an upload that the store has. */
  async parts(key: string, uploadId: string, signal: AbortSignal): Promise<StoredPart[]> {
    return this.#named("ListParts", key, async () => {
      const found: StoredPart[] = [];
      let after: string | undefined;
      do {
        const input = { ...this.#at(key), UploadId: uploadId, PartNumberMarker: after };
        const command = new ListPartsCommand(input);
        const page = await this.#bucket.client.send(command, { abortSignal: signal });
        found.push(...(page.Parts ?? []));
        after = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      } while (after !== undefined);
      return found;
    });
  }

  /** Hands a part over; its ETag. */
  async putPart(
    place: { key: string; uploadId: string; part: Part },
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { key, uploadId, part } = place;
    return this.#sending("UploadPart", key, async () => {
      const number = { UploadId: uploadId, PartNumber: part.index + 1 };
      const input = { ...this.#at(key), ...number, Body: body, ...this.#checksum(part.sha256) };
      const command = new UploadPartCommand(input);
      const { ETag } = await this.#bucket.client.send(command, { abortSignal: signal });
      return ETag;
    });
  }

  /** Makes an object of parts, if there is none. */
  async complete(
    upload: { key: string; uploadId: string; parts: CompletedPart[] },
    signal: AbortSignal,
  ): Promise<void> {
    const { key, uploadId, parts } = upload;
    await this.#named("CompleteMultipartUpload", key, () => {
      const input = { UploadId: uploadId, MultipartUpload: { Parts: parts }, IfNoneMatch: "*" };
      const command = new CompleteMultipartUploadCommand({ ...this.#at(key), ...input });
      return this.#bucket.client.send(command, { abortSignal: signal });
    });
  }

  /** The keys with this beginning, in order. */
  async *keys(prefix: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    let after: string | undefined;
    do {
      const { client, bucket } = this.#bucket;
      const input = { Bucket: bucket, Prefix: prefix, ContinuationToken: after };
      const page = await this.#named("ListObjectsV2", prefix, () =>
        client.send(new ListObjectsV2Command(input), { abortSignal: signal }),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      after = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (after !== undefined);
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket.bucket, Key: key };
  }

  #checksum(sha256: string): { ChecksumSHA256?: string } {
    return this.#bucket.checksums ? { ChecksumSHA256: base64(sha256) } : {};
  }

  async #named<T>(operation: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeErrorOf(error, { operation, key });
    }
  }

  /** Sends bytes again that came damaged. */
  async #sending<T>(operation: string, key: string, work: () => Promise<T>): Promise<T> {
    return this.#named(operation, key, async () => {
      for (let sending = 1; ; sending++) {
        try {
          return await work();
        } catch (error) {
          if (sending === SENDINGS || !isDamaged(error)) throw error;
        }
      }
    });
  }
}

/** What is kept with an object. */
export interface ObjectHeaders {
  ContentType: string;
  Metadata?: Record<string, string>;
}

/** The headers of a file's object. Pure. */
export function headersOf({ path, modified }: SourceIdentity): ObjectHeaders {
  return { ContentType: "application/octet-stream", Metadata: { path, modified } };
}

/** A hash as S3 writes it. Pure. */
export function base64(sha256: string): string {
  return Buffer.from(sha256, "hex").toString("base64");
}
