import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { provisionScript } from "../components/node-provisioner/script/provision-script";
import { provisionTables } from "../components/node-provisioner/script/tables";
import { least, measure, type Sample } from "./measure";

const MIB = 1_048_576;
const SIZE_MIB = 256;
const ROUNDS = 5;

/** Links to the server, in MiB a second: 1 Gbit/s, and whatever this machine does with itself. */
const LINKS = [120, undefined];

/**
 * The node's installer against a plain download of the same bytes with curl, sha256sum and sync, in turn from one server
 * on this machine; and its start on a node that has everything. Neither boots a microVM. Over a link, hashing costs no time
 * of its own; without one it competes with server and download for this machine's processors.
 */
export async function installerBench(): Promise<void> {
  for (const link of LINKS) await installerOver(link);
}

async function installerOver(link: number | undefined): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bench-installer-"));
  const content = randomBytes(SIZE_MIB * MIB);
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "Content-Length": content.length });
    if (link === undefined) response.end(content);
    else void paced(response, content, link);
  });
  const title = link === undefined ? "on this machine" : `at ${link} MiB/s`;
  try {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    console.log(
      `\ninstaller: ${SIZE_MIB} MiB ${title}, the least of ${ROUNDS} runs each, in turn\n`,
    );
    await compare(folder, content, `http://127.0.0.1:${String(port)}/vmlinux`);
  } finally {
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends as fast as a link would carry it. */
async function paced(response: http.ServerResponse, content: Buffer, link: number): Promise<void> {
  const start = performance.now();
  for (let at = 0; at < content.length && !response.destroyed; at += MIB) {
    const due = start + (at / MIB / link) * 1000;
    await sleep(Math.max(0, due - performance.now()));
    response.write(content.subarray(at, at + MIB));
  }
  response.end();
}

async function compare(folder: string, content: Buffer, url: string): Promise<void> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const kernel = { url, sha256, sizeBytes: content.length };
  const files = { "provision.sh": provisionScript(), ...provisionTables({ amd64: { kernel } }) };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  const root = path.join(folder, "root");
  const env = {
    ...{ PATH: process.env.PATH ?? "", FILES: folder, STATE: folder, HOST_ROOT: root },
    ...{ MACHINE: "x86_64", ALLOW_HTTP: "yes", PROVE: "no", URL: url, SUM: sha256 },
  };
  const plain = `curl -sf -o plain "$URL" && echo "$SUM  plain" | sha256sum -c >/dev/null && sync plain`;
  const install = ["provision.sh", "install"];
  const programs = { plain: ["-c", plain], installer: install, warm: install };
  const samples: Record<string, Sample[]> = { plain: [], installer: [], warm: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ["plain", "root"]) {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
    for (const [name, args] of Object.entries(programs)) {
      samples[name]?.push(await measure("sh", args, { cwd: folder, env }));
    }
  }
  console.log("| what | time | to plain | processor | memory |\n|---|---|---|---|---|");
  const baseline = least(samples.plain ?? []).seconds;
  for (const [name, taken] of Object.entries(samples)) {
    const { seconds, cpuSeconds, memoryMib } = least(taken);
    const times = [seconds, seconds / baseline, cpuSeconds].map((value) => value.toFixed(2));
    console.log(`| ${[name, ...times, `${memoryMib.toFixed(0)} MiB`].join(" | ")} |`);
  }
}
