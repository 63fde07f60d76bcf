import { buildSync } from "esbuild";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { NODE_OPTIONS } from "../../../components/trace-uploader/environment";
import { type Report, type RunSettings, uploadOnce } from "../../../functions/trace-uploader/core";
import { connect } from "../../../functions/trace-uploader/ninep";
import { type NinepServer, startDiod } from "./ninep-servers";
import {
  BUCKET,
  KEYS,
  type S3Server,
  startS3Server,
  storeAt,
  type StoreAtOptions,
} from "./s3-server";
import type { ProcessOptions } from "./uploader-process";

const MIB = 1024 * 1024;

/** diod and versitygw, both real, and the uploader between them, in this process or as one of its own. */
export interface S3World {
  diod: NinepServer;
  s3: S3Server;
  /** Puts files into a folder of their own below what diod serves. */
  plant: (contents: Record<string, Buffer>) => Tree;
  /** SHA-256 of the tree's files in the store, as they lie on its disk: nothing of the uploader's is asked. */
  stored: (tree: Tree) => Map<string, string>;
  /** Files that are gone and not in the store, whatever happened. */
  lost: (tree: Tree) => string[];
  /** Removes a tree, and what the store has of it. */
  remove: (tree: Tree) => void;
  /** A run in this process, to a store at a port. */
  run: (tree: Tree, port: number, options?: RunOptions) => Promise<Report>;
  /** A run in a process of its own. */
  spawn: (tree: Tree, ninepPort: number, s3Port: number) => UploaderRun;
  close: () => Promise<void>;
}

/** A tree of files for one run: its settings, and what it was. */
export interface Tree {
  folder: string;
  settings: RunSettings;
  /** SHA-256 of all its files, by path. */
  files: Map<string, string>;
}

/** How a run in this process differs from others. */
export type RunOptions = StoreAtOptions & { signal?: AbortSignal };

/** A process of the uploader, and what it printed. */
export interface UploaderRun {
  child: ChildProcess;
  ended: Promise<string>;
}

/** Small files: two with the same content, an empty one, a long and a hostile name. */
export const SMALL = {
  "alerts/one": Buffer.from("one"),
  "alerts/same": Buffer.from("one"),
  "trace/empty": Buffer.alloc(0),
  [`trace/${"n".repeat(255)}`]: Buffer.from("a long name"),
  "trace/a b\n'%2F\\": Buffer.from("hostile"),
};
const large = randomBytes(17 * MIB + 5);
/** A file of three parts. */
export const LARGE = { "trace/large": large };
const twoParts = large.subarray(0, 8 * MIB + 5);
/** The smallest file of two parts, and small ones: for runs by the hundred. */
export const TWO_PARTS = { ...SMALL, "trace/large": twoParts };
const PLANTED = new Set<Buffer>([large, twoParts]);

export async function startS3World(): Promise<S3World> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-s3-test-"));
  const served = path.join(folder, "served");
  fs.mkdirSync(served);
  const program = buildProgram(folder);
  const [diod, s3] = await Promise.all([startDiod(served), startS3Server()]);
  let trees = 0;
  const stored = (tree: Tree) => hashesBelow(path.join(s3.bucket, tree.settings.prefix));
  return {
    ...{ diod, s3, stored },
    plant: (contents) => plant(served, `tree${++trees}`, contents),
    lost: (tree) => {
      const there = new Set([...stored(tree).values(), ...hashesBelow(tree.folder).values()]);
      return [...tree.files].filter(([, hash]) => !there.has(hash)).map(([file]) => file);
    },
    remove: (tree) => {
      for (const made of [tree.folder, path.join(s3.bucket, tree.settings.prefix)]) {
        fs.rmSync(made, { recursive: true, force: true });
      }
    },
    run: (tree, port, options) => runHere(diod, tree, port, options),
    spawn: (tree, ninepPort, s3Port) =>
      spawnUploader(program, folder, {
        ninep: { port: ninepPort, aname: diod.aname },
        s3: { port: s3Port, bucket: BUCKET, ...KEYS },
        settings: tree.settings,
      }),
    close: async () => {
      await Promise.all([diod.kill(), s3.kill()]);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The uploader as one file, small as the bundles are: what is not there need not be compiled. */
function buildProgram(folder: string): string {
  const outfile = path.join(folder, "uploader.js");
  const entry = path.join(__dirname, "uploader-process.ts");
  buildSync({ entryPoints: [entry], outfile, bundle: true, minify: true, platform: "node" });
  return outfile;
}

function plant(served: string, name: string, contents: Record<string, Buffer>): Tree {
  const top = path.join(served, name);
  for (const kind of ["alerts", "trace/run"])
    fs.mkdirSync(path.join(top, kind), { recursive: true });
  for (const [file, bytes] of Object.entries(contents)) fs.writeFileSync(`${top}/${file}`, bytes);
  const settings: RunSettings = {
    root: `/${name}`,
    folders: [`/${name}/alerts`, `/${name}/trace`],
    partialSuffixes: [".partial"],
    ...{ settleSeconds: 0, setAsideHours: 24, filesAtOnce: 2, partsAtOnce: 2 },
    prefix: name,
    runSeconds: Infinity,
  };
  const files = Object.entries(contents).map(([file, bytes]) => [file, hashOf(bytes)] as const);
  return { folder: top, settings, files: new Map(files) };
}

const hashes = new Map<Buffer, string>();

/** SHA-256; of the large contents that are planted by the hundred it is computed once, and then bytes are compared. */
function hashOf(bytes: Buffer): string {
  for (const [known, hash] of hashes) if (known.equals(bytes)) return hash;
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (PLANTED.has(bytes)) hashes.set(bytes, hash);
  return hash;
}

/** SHA-256 of all files below a folder, by path; without what begins with a dot at the top. */
export function hashesBelow(top: string): Map<string, string> {
  if (!fs.existsSync(top)) return new Map();
  const entries = fs.readdirSync(top, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    files
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .map((file) => [path.relative(top, file), file] as const)
      .filter(([relative]) => !relative.startsWith("."))
      .map(([relative, file]) => {
        return [relative, hashOf(fs.readFileSync(file))];
      }),
  );
}

/** Expects that each file is in the store once, and none is left. */
export function expectMovedOnce({ stored }: S3World, tree: Tree): void {
  const sorted = (hashes: Map<string, string>) => [...hashes.values()].sort();
  expect([...hashesBelow(tree.folder).keys()]).toEqual([]);
  expect(sorted(stored(tree))).toEqual(sorted(tree.files));
}

async function runHere(
  { port: ninep, aname }: NinepServer,
  { settings }: Tree,
  port: number,
  { signal, ...options }: RunOptions = {},
): Promise<Report> {
  const server = await connect({ host: "127.0.0.1", port: ninep, aname, uname: "root", userId: 0 });
  try {
    const store = storeAt(port, options);
    return await uploadOnce({ server, store, settings, ...(signal && { signal }) });
  } finally {
    server.close();
  }
}

function spawnUploader(program: string, folder: string, options: ProcessOptions): UploaderRun {
  // What one run has compiled the next ones need not; a cache that does not fit counts as none.
  const NODE_COMPILE_CACHE = path.join(folder, "compiled");
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE, NODE_OPTIONS },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  const ended = new Promise<string>((resolve) => {
    child.once("close", () => {
      resolve(output);
    });
  });
  return { child, ended };
}
