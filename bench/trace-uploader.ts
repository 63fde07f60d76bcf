import { buildSync } from "esbuild";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { NODE_OPTIONS } from "../components/trace-uploader/environment";
import { connect } from "../functions/trace-uploader/ninep";
import { type NinepServer, startDiod } from "../tests/lab/functions/ninep-servers";
import { moveLargeFile } from "../tests/lab/functions/large-file";
import { BUCKET, KEYS, type S3Server, startS3Server } from "../tests/lab/functions/s3-server";
import { assertServersAlive } from "../tests/lab/functions/server-process";
import type { ProcessOptions } from "../tests/lab/functions/uploader-process";
import { bundleFolder, bundleTargets } from "../build/bundle-functions";
import { diodcat } from "./diodcat";
import { least, measure, type Sample } from "./measure";

const MIB = 1024 ** 2;
/** Two files, as many as the uploader moves at once. */
const FILES = ["first.bin", "second.bin"];
const FILE_MIB = 384;
const ROUNDS = 3;
/** How often a process is started for its least time. */
const STARTS = 15;
/** A plain copy, in parts as every client of S3 sends long files: the store does the same work for both. */
const PLAIN = path.join(__dirname, "plain-copy.sh");
/** GiB of the sparse file; the requirement's by default. */
const LARGE_GIB = Number(process.env.KVM_FABRIC_BENCH_GIB ?? 10);
/** The uploader looks twice at a file, so many seconds apart: a wait, and no work. */
const SETTLE_SECONDS = 1;

/** Real servers on this machine, and the uploader as one file, as it is deployed. */
interface World {
  folder: string;
  queen: NinepServer;
  store: S3Server;
  uploader: string;
}

/**
 * The trace uploader from diod to versitygw, against diodcat and curl, which copy the same bytes between the same servers in parts of the
 * same length and confirm nothing; its memory for a large file; messages of its 9P client; start and size of its bundles.
 */
export async function traceUploaderBench(): Promise<void> {
  await bundles();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bench-uploader-"));
  const uploader = path.join(folder, "uploader.js");
  const source = path.join(__dirname, "../tests/lab/functions/uploader-process.ts");
  const options = { bundle: true, platform: "node", target: "node22" } as const;
  buildSync({ ...options, entryPoints: [source], outfile: uploader });
  fs.mkdirSync(path.join(folder, "trace"));
  const [queen, store] = [await startDiod(folder), await startS3Server()];
  try {
    const world = { folder, queen, store, uploader };
    await throughput(world);
    await messages(world);
    await largeFile();
  } catch (error) {
    await assertServersAlive();
    throw error;
  } finally {
    await Promise.all([queen.kill(), store.kill()]);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function bundles(): Promise<void> {
  console.log(`\nbundles: start against Node.js alone, the least of ${STARTS}\n`);
  console.log("| bundle | size | start of ours | processor |\n|---|---|---|---|");
  const bare = await startOf("");
  for (const target of bundleTargets) {
    const file = path.join(bundleFolder, `${target}.js`);
    const own = await startOf(`require(${JSON.stringify(file)})`);
    const size = `${Math.round(fs.statSync(file).size / 1024)} KiB`;
    const times = [own.seconds - bare.seconds, own.cpuSeconds - bare.cpuSeconds].map(milliseconds);
    console.log(`| ${[target, size, ...times].join(" | ")} |`);
  }
  console.log(
    `\nNode.js alone: ${milliseconds(bare.seconds)}, processor ${milliseconds(bare.cpuSeconds)}`,
  );
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(0)} ms`;
}

/** Of a process that loads something and ends; the command ends with the fault that it has no settings. */
async function startOf(script: string): Promise<Sample> {
  const samples = [];
  const quiet = `console.warn = () => undefined; process.on("exit", () => (process.exitCode = 0));`;
  const env = { PATH: process.env.PATH };
  for (let count = 0; count < STARTS; count += 1) {
    const args = ["--eval", quiet + script];
    samples.push(await measure(process.execPath, args, { cwd: os.tmpdir(), env }));
  }
  return least(samples);
}

async function throughput(world: World): Promise<void> {
  const content = randomBytes(FILE_MIB * MIB);
  const [plain, ours]: [Sample[], Sample[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of FILES) fs.writeFileSync(path.join(world.folder, "trace", name), content);
    plain.push(await copyPlainly(world));
    const { moved, seconds, sample } = await upload(world, `round-${round}`);
    if (moved !== FILES.length) throw new Error(`moved ${moved} files`);
    ours.push({ ...sample, seconds: seconds - SETTLE_SECONDS });
  }
  const mib = FILES.length * FILE_MIB;
  console.log(
    `\nthroughput: ${mib} MiB in ${FILES.length} files, the least of ${ROUNDS}, in turn\n`,
  );
  console.log("| what | time | MiB/s | to plain | processor |\n|---|---|---|---|---|");
  const baseline = least(plain).seconds;
  for (const [what, samples] of [
    ["diodcat and curl", plain],
    ["uploader", ours],
  ] as const) {
    const { seconds, cpuSeconds } = least(samples);
    const rate = (mib / seconds).toFixed(0);
    const times = `${seconds.toFixed(2)} s | ${rate} | ${(baseline / seconds).toFixed(2)}`;
    console.log(`| ${what} | ${times} | ${cpuSeconds.toFixed(2)} s |`);
  }
}

/** Both files at the same time, as the uploader moves them. */
function copyPlainly({ folder, queen, store }: World): Promise<Sample> {
  const { program, env } = diodcat();
  const copies = FILES.map((name) => {
    const from = `"${program}" 127.0.0.1:${queen.port} "${queen.aname}" trace/${name}`;
    const to = `http://127.0.0.1:${store.port}/${BUCKET}/plain-${name}`;
    return `bash "${PLAIN}" ${from} "${to}" ${KEYS.accessKeyId}:${KEYS.secretAccessKey} &`;
  });
  const script = `${copies.join(" ")} wait -n && wait -n`;
  return measure("bash", ["-c", script], { cwd: folder, env: { ...process.env, ...env } });
}

interface Uploaded {
  moved: number;
  seconds: number;
  sample: Sample;
}

async function upload(
  { folder, queen, store, uploader }: World,
  prefix: string,
): Promise<Uploaded> {
  const options: ProcessOptions = {
    ninep: { port: queen.port, aname: queen.aname },
    s3: { port: store.port, bucket: BUCKET, ...KEYS },
    settings: {
      ...{ root: "/", folders: ["/trace"], prefix, partialSuffixes: [".partial"] },
      ...{ settleSeconds: SETTLE_SECONDS, setAsideHours: 24, filesAtOnce: 2, partsAtOnce: 2 },
    },
  };
  const args = [uploader, JSON.stringify(options)];
  const { output, ...sample } = await measure(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS },
  });
  const [report = "{}"] = output.split("\n");
  const { moved, seconds } = JSON.parse(report);
  return { moved, seconds, sample };
}

async function messages({ folder, queen }: World): Promise<void> {
  fs.writeFileSync(path.join(folder, "trace/small.bin"), randomBytes(64 * MIB));
  const msize = 4096 + 24;
  const session = await connect({
    ...{ host: "127.0.0.1", port: queen.port, aname: queen.aname, uname: "root" },
    ...{ userId: process.getuid?.() ?? 0, msize, readWindow: 64 },
  });
  const begun = performance.now();
  let count = 0;
  const pieces = session.read("/trace/small.bin", { reuse: true });
  while ((await pieces.next()).done !== true) count += 1;
  const seconds = (performance.now() - begun) / 1000;
  session.close();
  fs.rmSync(path.join(folder, "trace/small.bin"));
  const each = Math.round(count / seconds);
  console.log(`\n9P client: ${each} requests and as many replies a second, reads of 4 KiB`);
}

async function largeFile(): Promise<void> {
  const { report, mostMemoryMib } = await moveLargeFile(LARGE_GIB);
  if (report.moved !== 1) throw new Error("the large file was not moved");
  const mibs = Math.round((LARGE_GIB * 1024) / (report.seconds - SETTLE_SECONDS));
  const memory = `most memory ${Math.round(mostMemoryMib)} MiB`;
  console.log(`\nlarge file: ${LARGE_GIB} GiB, ${memory}, ${mibs} MiB/s to a store that hashes`);
}
