import { createHash } from "node:crypto";
import type * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { Credentials } from "../../unit/functions/trace-uploader/ninep/authority";

/*
 * Plays S3 for files that belong on no disk of a machine that tests: it takes whatever comes, keeps its length and SHA-256 and not one byte,
 * and answers as S3 does. It refuses what is not what its checksum says, and knows no users, no signatures and nothing of earlier runs. What
 * a real server does is shown against versitygw.
 */

/** An object, of which nobody keeps the bytes. */
export interface HashedObject {
  length: number;
  /** SHA-256 in base64; of an upload in parts that of the parts' hashes, and their number. */
  checksum: string;
}

/** A store that keeps hashes alone. */
export interface HashingStore {
  url: string;
  /** By path, which begins with the bucket. */
  objects: ReadonlyMap<string, HashedObject>;
  close: () => Promise<void>;
}

interface Sent {
  length: number;
  sha256: Buffer;
}

interface World {
  objects: Map<string, HashedObject>;
  /** Parts of uploads that were begun, by path. */
  uploads: Map<string, Map<number, Sent>>;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Starts one that is `localhost` by its certificate. */
export async function startHashingStore(credentials: Credentials): Promise<HashingStore> {
  const world: World = { objects: new Map(), uploads: new Map() };
  const server = https.createServer(credentials, (request, response) => {
    hash(request).then(
      (sent) => {
        const { status, headers, body } = answer(world, request, sent);
        response.writeHead(status, { "content-type": "application/xml", ...headers }).end(body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    objects: world.objects,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function hash(request: http.IncomingMessage): Promise<Sent> {
  const sum = createHash("sha256");
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    sum.update(piece);
    length += piece.length;
  }
  return { length, sha256: sum.digest() };
}

function answer(
  world: World,
  { method, url = "", headers }: http.IncomingMessage,
  sent: Sent,
): Answer {
  const { pathname: place, searchParams: query } = new URL(url, "https://store");
  const checksum = sent.sha256.toString("base64");
  if ((headers["x-amz-checksum-sha256"] ?? checksum) !== checksum) return refuse(400, "BadDigest");
  switch (method) {
    case "HEAD":
      return head(world.objects.get(place));
    case "GET":
      return { status: 200, body: query.has("uploads") ? NO_UPLOADS : NO_OBJECTS };
    case "PUT":
      return query.has("partNumber")
        ? takePart(world, place, Number(query.get("partNumber")), sent)
        : make(world, place, { length: sent.length, checksum });
    case "POST":
      return query.has("uploads") ? begin(world, place) : complete(world, place);
    default:
      return refuse(405, "MethodNotAllowed");
  }
}

const NO_OBJECTS = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
/** Nobody goes on with what another run began. */
const NO_UPLOADS =
  "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>";

function refuse(status: number, code: string): Answer {
  return { status, body: `<Error><Code>${code}</Code></Error>` };
}

function head(object: HashedObject | undefined): Answer {
  if (object === undefined) return { status: 404 };
  const { length, checksum } = object;
  return {
    status: 200,
    headers: { "content-length": String(length), "x-amz-checksum-sha256": checksum },
  };
}

function make({ objects }: World, place: string, object: HashedObject): Answer {
  if (objects.has(place)) return refuse(412, "PreconditionFailed");
  objects.set(place, object);
  return { status: 200 };
}

function begin({ uploads }: World, place: string): Answer {
  uploads.set(place, new Map());
  const body =
    "<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>";
  return { status: 200, body };
}

function takePart({ uploads }: World, place: string, number: number, sent: Sent): Answer {
  const parts = uploads.get(place);
  if (parts === undefined) return refuse(404, "NoSuchUpload");
  parts.set(number, sent);
  return { status: 200, headers: { etag: `"${number}"` } };
}

function complete(world: World, place: string): Answer {
  const parts = world.uploads.get(place);
  if (parts === undefined) return refuse(404, "NoSuchUpload");
  const inOrder = [...parts].sort(([one], [other]) => one - other).map(([, part]) => part);
  const made = make(world, place, {
    length: inOrder.reduce((bytes, part) => bytes + part.length, 0),
    checksum: compositeOf(inOrder.map(({ sha256 }) => sha256)),
  });
  const body = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>";
  return made.status === 200 ? { status: 200, body } : made;
}

/** The checksum that S3 gives an object that was made of parts. */
export function compositeOf(parts: readonly Buffer[]): string {
  const whole = createHash("sha256");
  for (const part of parts) whole.update(part);
  return `${whole.digest("base64")}-${parts.length}`;
}
