import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import * as tls from "node:tls";
import {
  type Authority,
  authority,
  type Credentials,
} from "../../unit/functions/trace-uploader/ninep/authority";
import { type NinepServer, startDiod } from "./ninep-servers";

/** A real server of 9P behind mutual TLS, as Queen is, and who may come in. */
export interface QueenStandIn {
  /** Settings of the uploader. */
  environment: Record<string, string>;
  /** What is served. */
  folder: string;
  /** Who may come in. */
  client: Credentials;
  /** Gives the uploader another identity: of the same authority, or of a stranger's. */
  renewIdentity: (from?: Authority) => Promise<void>;
  close: () => Promise<void>;
}

/** The folder that one sweep's files are in; another for each run that is killed. */
export interface Tree {
  /** Below what is served. */
  name: string;
  /** Contents by the path below the tree, of the files that are to be moved. */
  files: ReadonlyMap<string, Buffer>;
  folder: string;
}

/** Three parts of a store. */
const large = randomBytes(2 * 8 * 1024 * 1024 + 123);

/** Starts diod, and a way in front of it that lets in who has a certificate. */
export async function startQueen(): Promise<QueenStandIn> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-uploader-"));
  const own = await authority("queen");
  const [server, client] = [await own.issue("queen.test"), await own.issue("uploader")];
  const diod: NinepServer = await startDiod(folder);
  const options = { ...server, ca: own.ca, requestCert: true, rejectUnauthorized: true };
  const sockets = new Set<net.Socket>();
  const front = tls.createServer(options, (near) => {
    const far = net.connect(diod.port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const identity = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-identity-"));
  const writeIdentity = ({ cert, key }: Credentials) => {
    fs.writeFileSync(path.join(identity, "tls.crt"), cert);
    fs.writeFileSync(path.join(identity, "tls.key"), key, { mode: 0o600 });
  };
  writeIdentity(client);
  return {
    folder,
    client,
    renewIdentity: async (from = own) => {
      writeIdentity(await from.issue("uploader"));
    },
    environment: {
      QUEEN_HOST: "127.0.0.1",
      QUEEN_PORT: String((front.address() as net.AddressInfo).port),
      QUEEN_SERVER_NAME: "queen.test",
      QUEEN_CA: own.ca,
      QUEEN_CERTIFICATE_FILE: path.join(identity, "tls.crt"),
      QUEEN_KEY_FILE: path.join(identity, "tls.key"),
      QUEEN_TREE: diod.aname,
      QUEEN_USER: "root",
      QUEEN_USER_ID: "0",
      UPLOAD_ROOT: "/",
      UPLOAD_SETTLE_SECONDS: "1",
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
      await diod.kill();
      for (const made of [folder, identity]) fs.rmSync(made, { recursive: true, force: true });
    },
  };
}

/** Puts files into a folder of its own: some small, one of three parts, one empty, one with a hostile name, one still written. */
export function plantTree(queen: QueenStandIn, name: string): Tree {
  const folder = path.join(queen.folder, name);
  const files = new Map([
    ["alerts/one.json", Buffer.from('{"alert":1}')],
    ["trace/empty", Buffer.alloc(0)],
    ["trace/deep/er/%2e%2e \n&<é>.log", randomBytes(1000)],
    ["trace/large.bin", large],
  ]);
  for (const [file, content] of [...files, ["trace/growing.partial", Buffer.from("x")] as const]) {
    const whole = path.join(folder, file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, content);
  }
  return { name, files, folder };
}

/** Settings for one tree: its folders, and a prefix of its own. */
export function treeSettings({ name }: Tree): Record<string, string> {
  return { UPLOAD_FOLDERS: `/${name}/alerts,/${name}/trace`, STORE_PREFIX: name };
}

/** Paths of the tree's files that are not removed. */
export function left({ folder }: Pick<Tree, "folder">): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** A run of a bundle. */
export interface BundleRun {
  child: ChildProcess;
  /** Its exit code, `null` where it was killed, and all that it printed. */
  ended: Promise<{ code: number | null; output: string }>;
}

/** Runs a script on Node.js with no more environment than is said. */
export function runScript(script: string, environment: Record<string, string>): BundleRun {
  const child = spawn(process.execPath, ["--eval", script], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on("close", (code) => {
      resolve({ code, output });
    });
  });
  return { child, ended };
}
