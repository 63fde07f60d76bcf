import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { provisionScript } from "../components/node-provisioner/script/provision-script";
import { provisionTables } from "../components/node-provisioner/script/tables";
import { least, measure, type Sample } from "./measure";

const MIB = 1_048_576;
const SIZE_MIB = 256;
const ROUNDS = 5;

/**
 * The node's installer against a plain download of the same bytes with curl, sha256sum and sync, in turn from one server
 * on this machine; and its start on a node that has everything. Neither boots a microVM.
 */
export async function installerBench(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bench-installer-"));
  const content = randomBytes(SIZE_MIB * MIB);
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "Content-Length": content.length }).end(content);
  });
  try {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await compare(folder, content, `http://127.0.0.1:${String(port)}/vmlinux`);
  } finally {
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
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
  console.log(
    `\ninstaller: ${String(SIZE_MIB)} MiB, the least of ${String(ROUNDS)} runs each, in turn\n`,
  );
  console.log("| what | time | to plain | processor | memory |\n|---|---|---|---|---|");
  const baseline = least(samples.plain ?? []).seconds;
  for (const [name, taken] of Object.entries(samples)) {
    const { seconds, cpuSeconds, memoryMib } = least(taken);
    const times = [seconds, seconds / baseline, cpuSeconds].map((value) => value.toFixed(2));
    console.log(`| ${[name, ...times, `${memoryMib.toFixed(0)} MiB`].join(" | ")} |`);
  }
}
