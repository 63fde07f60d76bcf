import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { s3Client } from "../../../functions/trace-uploader/stores/s3-client";
import { s3Store } from "../../../functions/trace-uploader/stores/s3";
import type { Store } from "../../../functions/trace-uploader/stores/store";
import type { Verify } from "../../../functions/trace-uploader/settings";
import { freePorts } from "../../../lab/ports";
import { ensureTools } from "../../../lab/toolchain";
import { startServer } from "./server-process";

export const BUCKET = "traces";
export const KEYS = { accessKeyId: "lab", secretAccessKey: "lab-secret" };

/** versitygw, a real server of S3, with objects as files below `bucket`. */
export interface S3Server {
  port: number;
  /** Where the objects of the bucket lie. */
  bucket: string;
  kill: () => Promise<void>;
}

export async function startS3Server(): Promise<S3Server> {
  const { versitygw } = await ensureTools(["versitygw"]);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-s3-"));
  const [data, sidecar] = [path.join(folder, "data"), path.join(folder, "sidecar")];
  const bucket = path.join(data, BUCKET);
  fs.mkdirSync(bucket, { recursive: true });
  fs.mkdirSync(sidecar);
  const [port = 0] = await freePorts(1);
  // What belongs to objects lies beside them, where the file system may have no extended attributes.
  const args = ["--port", `127.0.0.1:${port}`, "--quiet", "posix", "--sidecar", sidecar, data];
  const env = {
    ...process.env,
    ROOT_ACCESS_KEY_ID: KEYS.accessKeyId,
    ROOT_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
  const server = await startServer({ binary: versitygw, args, env, port });
  const kill = async () => {
    await server.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { port, bucket, kill };
}

/** What a bundle is told of a store that speaks S3. */
export function storeEnvironment(endpoint: string): Record<string, string> {
  return {
    STORE_BUCKET: BUCKET,
    STORE_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
}

/** The uploader's store at a port of the loopback. */
export function storeAt(
  port: number,
  { verify = "checksum", keys = KEYS, tries = 4 }: StoreAtOptions = {},
): Store {
  const settings = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", pathStyle: true };
  const client = s3Client(settings, { credentials: keys, maxAttempts: tries });
  return s3Store({ client, bucket: BUCKET, verify });
}

export interface StoreAtOptions {
  verify?: Verify;
  keys?: typeof KEYS;
  /** Of one request. */
  tries?: number;
}
