import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { ensureTools } from "../../../../lab/toolchain";
import { downloadsAllowed, findChecksum } from "../../../../lab/toolchain/download";
import { families, tools, type Download } from "../../../../lab/toolchain/versions";
import { fakeMachine, type FakeMachine } from "./fake-machine";

const goArch = process.arch === "x64" ? "amd64" : process.arch;

let machine: FakeMachine;
let server: http.Server;
let origin: string;
/** What the server has, by path; a number is a status. */
let files: Map<string, Buffer | number>;
let asked: string[];

beforeEach(async () => {
  machine = fakeMachine();
  machine.env.KVM_FABRIC_OFFLINE = undefined;
  files = new Map();
  asked = [];
  server = http.createServer((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    const content = files.get(url) ?? 404;
    if (typeof content === "number") response.writeHead(content).end();
    else response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  machine.dispose();
});

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function withDownloads(downloads: Partial<Record<"etcd" | "kubectl", Download>>) {
  const { etcd, kubectl } = downloads;
  const changed = {
    ...tools,
    ...(etcd && { etcd: { ...tools.etcd, download: etcd } }),
    ...(kubectl && { kubectl: { ...tools.kubectl, download: kubectl } }),
  };
  return { ...machine.options, catalogue: { tools: changed, families } };
}

const kubectlFile = Buffer.from("#!/bin/sh\necho downloaded kubectl\n");

function plainKubectl(): Download {
  return {
    url: `${origin}/{goArch}/kubectl`,
    checksumUrl: `${origin}/{goArch}/kubectl.sha256`,
  };
}

function run(file: string): string {
  return execFileSync(file, { encoding: "utf8" }).trim();
}

test("a plain binary is downloaded once, checked, and then used without asking again", async () => {
  files.set(`/${goArch}/kubectl`, kubectlFile);
  files.set(`/${goArch}/kubectl.sha256`, Buffer.from(sha256(kubectlFile)));
  const options = withDownloads({ kubectl: plainKubectl() });
  const first = await ensureTools(["kubectl"], options);
  expect(run(first.kubectl)).toBe("downloaded kubectl");
  expect(asked).toHaveLength(2);
  machine.env.KVM_FABRIC_OFFLINE = "1";
  expect(await ensureTools(["kubectl"], options)).toEqual(first);
  expect(asked).toHaveLength(2);
  expect(machine.builds()).toEqual([]);
});

test("an archive gives the files wanted of its folder, and nothing else is kept", async () => {
  const name = `etcd-linux-${goArch}`;
  const folder = path.join(machine.root, name);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "etcd"), "#!/bin/sh\necho downloaded etcd\n");
  fs.writeFileSync(path.join(folder, "etcdctl"), "not wanted");
  execFileSync("tar", ["-czf", `${folder}.tar.gz`, "-C", machine.root, name]);
  const archive = fs.readFileSync(`${folder}.tar.gz`);
  files.set(`/${name}.tar.gz`, archive);
  files.set(
    "/SHA256SUMS",
    Buffer.from(`${"0".repeat(64)}  x\n${sha256(archive)}  ${name}.tar.gz\n`),
  );
  machine.install("tar", 'exec tar "$@"');
  const download = {
    url: `${origin}/etcd-linux-{goArch}.tar.gz`,
    checksumUrl: `${origin}/SHA256SUMS`,
    archiveFolder: "etcd-linux-{goArch}",
    archiveFiles: ["etcd"],
  };
  const { etcd } = await ensureTools(["etcd"], withDownloads({ etcd: download }));
  expect(run(etcd)).toBe("downloaded etcd");
  expect(fs.readdirSync(path.dirname(etcd)).sort()).toEqual(["etcd", "manifest.json"]);
});

test.each([
  [
    "the checksum differs",
    () => files.set(`/${goArch}/kubectl.sha256`, Buffer.from("0".repeat(64))),
  ],
  ["there is no checksum", () => files.set(`/${goArch}/kubectl.sha256`, Buffer.from("none"))],
  ["the file is not there", () => files.set(`/${goArch}/kubectl`, 404)],
  ["a proxy refuses", () => files.set(`/${goArch}/kubectl.sha256`, 403)],
])("where %s, the tool is built and the user told why", async (_, spoil) => {
  files.set(`/${goArch}/kubectl`, kubectlFile);
  files.set(`/${goArch}/kubectl.sha256`, Buffer.from(sha256(kubectlFile)));
  spoil();
  const { kubectl } = await ensureTools(["kubectl"], withDownloads({ kubectl: plainKubectl() }));
  expect(run(kubectl)).toBe("built k8s.io/kubernetes/cmd/kubectl");
  expect(machine.seen.join("")).toMatch(/no download of kubectl \(.+\): it is built from source/);
  expect(fs.readdirSync(path.join(machine.cache, "tools", "kubectl"))).toHaveLength(1);
});

test("after one server that cannot be reached, no other is tried in the same run", async () => {
  files.set(`/${goArch}/kubectl`, kubectlFile);
  files.set(`/${goArch}/kubectl.sha256`, Buffer.from(sha256(kubectlFile)));
  // Port 1 of loopback: nothing listens there.
  const nowhere = { url: "http://127.0.0.1:1/etcd", checksumUrl: "http://127.0.0.1:1/etcd.sha256" };
  const options = withDownloads({ etcd: nowhere, kubectl: plainKubectl() });
  const { etcd, kubectl } = await ensureTools(["etcd", "kubectl"], options);
  expect([run(etcd), run(kubectl)]).toEqual([
    "built go.etcd.io/etcd/server/v3",
    "built k8s.io/kubernetes/cmd/kubectl",
  ]);
  expect(asked).toEqual([]);
  expect(machine.seen.join("")).toContain("127.0.0.1:1 cannot be reached");
});

test("a server that breaks off in the middle leaves nothing behind", async () => {
  files.set(`/${goArch}/kubectl.sha256`, Buffer.from(sha256(kubectlFile)));
  server.removeAllListeners("request");
  server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (request.url?.endsWith("sha256")) {
      response.end(sha256(kubectlFile));
      return;
    }
    response.writeHead(200, { "content-length": String(kubectlFile.length) });
    response.write(kubectlFile.subarray(0, 5), () => response.destroy());
  });
  const { kubectl } = await ensureTools(["kubectl"], withDownloads({ kubectl: plainKubectl() }));
  expect(run(kubectl)).toBe("built k8s.io/kubernetes/cmd/kubectl");
  expect(machine.seen.join("")).toContain("stopped sending");
});

test.each([
  [{}, true],
  [{ KVM_FABRIC_OFFLINE: "0", CI: "false" }, true],
  [{ KVM_FABRIC_OFFLINE: "1" }, false],
  [{ CI: "true" }, false],
])("with %j downloads are allowed: %s", (env, allowed) => {
  expect(downloadsAllowed(env)).toBe(allowed);
});

test("the sum of a file is found by its whole name", () => {
  const [a, b] = ["a".repeat(64), "b".repeat(64)];
  expect(findChecksum(`${a}  x.tar.gz\n${b} *./y/tool.tar.gz\n`, "tool.tar.gz")).toBe(b);
  expect(findChecksum(`${a}  my-tool.tar.gz\n`, "tool.tar.gz")).toBeUndefined();
  expect(findChecksum(`${a.toUpperCase()}\n`, "whatever")).toBe(a);
});
