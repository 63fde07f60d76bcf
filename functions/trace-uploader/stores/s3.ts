import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import type { Verify } from "../settings";
import { base64, headersOf, S3Requests } from "./s3-requests";
import { MOST_PART_BYTES, PART_BYTES } from "./store";
import type { Digest, Part, SourceIdentity, Store, StoredObject, Upload } from "./store";
import { StoreError, StoreFault, tooLong } from "./store-error";

/** Where objects go. */
export interface S3StoreOptions {
  client: S3Client;
  bucket: string;
  /**
   * `checksum`: SHA-256 goes with all that is sent, and the store's own is what confirms an object; one that has none is read back.
   * `read-back`: for stores that refuse requests with checksums: the signature alone covers what is sent, and every object is read back.
   */
  verify: Verify;
}

/** S3 takes so many parts. */
const MOST_PARTS = 10_000;
/** The longest file, 312.5 GiB: less than the longest object of any S3. */
const MOST_LENGTH = MOST_PARTS * MOST_PART_BYTES;
const MEBIBYTE = 1024 * 1024;

/**
 * A store in S3, or in anything that speaks its protocol with conditional writes (`If-None-Match: *`). A file of one part is one request; a longer
 * one is an upload in parts, which another run goes on with. What is begun and never finished is for the bucket's life cycle to remove.
 */
export function s3Store({ client, bucket, verify }: S3StoreOptions): Store {
  const checksums = verify === "checksum";
  const requests = new S3Requests({ client, bucket, checksums });
  return {
    partLength,
    partsAtOnce: Infinity,
    find: (key, signal) => findObject(requests, key, signal),
    begin: (key, source, signal) =>
      source.length <= partLength(source.length)
        ? Promise.resolve(wholeUpload(requests, key, source))
        : partsUpload(requests, { key, source, checksums }, signal),
    note: (key, body, signal) => makeNote(requests, key, body, signal),
    notes: (prefix, signal) => requests.keys(prefix, signal),
  };
}

/** Errors: StoreError `refused` for what would need longer parts than there is memory for. */
function partLength(length: number): number {
  if (length > MOST_LENGTH) throw tooLong(length, MOST_LENGTH);
  const least = Math.ceil(length / MOST_PARTS / MEBIBYTE) * MEBIBYTE;
  return Math.max(PART_BYTES, least);
}

async function findObject(
  requests: S3Requests,
  key: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const head = await requests.head(key, signal);
  if (head === undefined) return undefined;
  const { ContentLength: length = 0, ChecksumSHA256: checksum, ETag } = head;
  return {
    length,
    matches: async (digest, matchSignal) => {
      if (length !== digest.length) return false;
      // Of an object that was made of other parts the checksum is another one: the bytes decide.
      if (checksum !== undefined && checksum === checksumOf(digest, checksum)) return true;
      return (await requests.hash(key, ETag, matchSignal)) === digest.sha256;
    },
  };
}

/** The checksum that the store must have: of an upload in parts the hash of the parts' hashes, and their number. */
function checksumOf({ sha256, parts }: Digest, like: string): string {
  if (!like.includes("-")) return base64(sha256);
  const hash = createHash("sha256");
  for (const part of parts) hash.update(Buffer.from(part.sha256, "hex"));
  return `${hash.digest("base64")}-${parts.length}`;
}

/** An upload that is one request. */
function wholeUpload(requests: S3Requests, key: string, source: SourceIdentity): Upload {
  const headers = headersOf(source);
  return {
    holds: () => false,
    put: (part, body, signal) =>
      requests.putObject({ key, body, sha256: part.sha256, headers }, signal),
    finish: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

interface PartsPlan {
  key: string;
  source: SourceIdentity;
  checksums: boolean;
}

/** An upload in parts, begun now or before. */
async function partsUpload(
  requests: S3Requests,
  { key, source, checksums }: PartsPlan,
  signal: AbortSignal,
): Promise<Upload> {
  const [begun] = await requests.begun(key, signal);
  const uploadId = begun?.UploadId ?? (await requests.create(key, headersOf(source), signal));
  const held = new Map<number, CompletedPart & { length: number | undefined }>();
  for (const part of begun === undefined ? [] : await requests.parts(key, uploadId, signal)) {
    const { PartNumber = 0, ETag, ChecksumSHA256, Size } = part;
    held.set(PartNumber - 1, { PartNumber, ETag, ChecksumSHA256, length: Size });
  }
  const checksum = (part: Part) => (checksums ? { ChecksumSHA256: base64(part.sha256) } : {});
  return {
    had: held.size,
    holds: ({ index, length, sha256 }) => {
      const part = held.get(index);
      return part?.length === length && part.ChecksumSHA256 === base64(sha256);
    },
    put: async (part, body, putSignal) => {
      const ETag = await requests.putPart({ key, uploadId, part }, body, putSignal);
      const PartNumber = part.index + 1;
      held.set(part.index, { PartNumber, ETag, ...checksum(part), length: part.length });
    },
    finish: async ({ parts }, finishSignal) => {
      const list = parts.map((part) => {
        return { PartNumber: part.index + 1, ETag: held.get(part.index)?.ETag, ...checksum(part) };
      });
      await requests.complete({ key, uploadId, parts: list }, finishSignal);
    },
    abandon: () => Promise.resolve(),
  };
}

async function makeNote(
  requests: S3Requests,
  key: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(body);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const headers = { ContentType: "application/json" };
  try {
    await requests.putObject({ key, body: bytes, sha256, headers }, signal);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== StoreFault.Exists) throw error;
  }
}
