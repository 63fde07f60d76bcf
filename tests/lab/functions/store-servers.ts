import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { npmCi } from "../../../lab/bootstrap/npm";
import { madeOnce } from "../../../lab/made-once";
import { labPaths } from "../../../lab/paths";
import { freePorts } from "../../../lab/ports";
import { ensureTools } from "../../../lab/toolchain";
import { startServer } from "./server-process";
import { authority } from "../../unit/functions/trace-uploader/ninep/authority";

/** A server that was started. */
export interface StoreServer {
  url: string;
  close: () => Promise<void>;
}

/** The account that Azurite has by itself; it is in its documentation. */
export const AZURITE_ACCOUNT = "devstoreaccount1";

const AZURITE_MODULE = path.resolve(__dirname, "../../../lab/toolchain/azurite");

/** fake-gcs-server, with its objects in memory. */
export async function startGcs(): Promise<StoreServer> {
  const { "fake-gcs-server": binary } = await ensureTools(["fake-gcs-server"]);
  const [port = 0] = await freePorts(1);
  const args = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1"];
  const more = ["-port", String(port), "-log-level", "error"];
  const server = await startServer({ binary, args: [...args, ...more], port });
  return { url: `http://127.0.0.1:${port}`, close: server.kill };
}

/** Azurite, whose rule it is that bearer tokens come over TLS alone; their signature is not checked, their times and names are. */
export async function startAzurite(): Promise<StoreServer> {
  const main = path.join(await azurite(), "node_modules/azurite/dist/src/blob/main.js");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-azurite-"));
  const { cert, key } = await (await authority("azurite")).issue("azurite.test");
  const files = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
  fs.writeFileSync(files.cert, cert);
  fs.writeFileSync(files.key, key, { mode: 0o600 });
  const [port = 0] = await freePorts(1);
  const args = ["--blobHost", "127.0.0.1", "--blobPort", String(port), "--oauth", "basic"];
  const more = ["--cert", files.cert, "--key", files.key, "--silent", "--disableTelemetry"];
  const memory = ["--inMemoryPersistence"];
  const server = await startServer({
    ...{ binary: process.execPath, args: [main, ...args, ...more, ...memory], port },
  });
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      await server.kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Azurite as its lock file says, in the lab's cache. */
async function azurite(): Promise<string> {
  const names = ["package.json", "package-lock.json"];
  const hash = createHash("sha256");
  for (const name of names) hash.update(fs.readFileSync(path.join(AZURITE_MODULE, name)));
  const key = hash.digest("hex").slice(0, 16);
  const folder = path.join(labPaths().cache, "test-servers", `azurite-${key}`);
  await madeOnce(folder, "the server Azurite", async (partial) => {
    for (const name of names) {
      fs.copyFileSync(path.join(AZURITE_MODULE, name), path.join(partial, name));
    }
    await npmCi(partial, process.env);
  });
  return folder;
}

/** What a cloud tells its functions of their identity: tokens, one after the other, the last one again and again. */
export interface TokenServer {
  address: string;
  /** How many were asked for. */
  count: () => number;
  give: (...tokens: string[]) => void;
  close: () => Promise<void>;
}

/** Plays the metadata server of Google and the identity end point of Azure, whose answers differ in one field. */
export async function startTokens(): Promise<TokenServer> {
  let tokens = ["token"];
  let count = 0;
  const server = http.createServer((_request, answer) => {
    const token = tokens[Math.min(count, tokens.length - 1)]!;
    count += 1;
    const seconds = 3600;
    const times = {
      expires_in: seconds,
      expires_on: String(Math.ceil(Date.now() / 1000) + seconds),
    };
    answer.end(JSON.stringify({ access_token: token, ...times }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    count: () => count,
    give: (...given) => {
      tokens = given;
      count = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
