import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  cacheFiles,
  removeIfEmpty,
  removeOwnFiles,
  stateFiles,
} from "../../../../../lab/commands/lab/own-files";
import { processStart } from "../../../../../lab/lock";

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "own-files-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function write(...files: string[]): void {
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), "x");
  }
}

function left(): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

const hash = "0123456789abcdef01234567";

test("a state folder of the lab alone goes as a whole", () => {
  write("bin/pulumi", "bin/node", "logs/karpenter.log", "daemons/simulators.json", "lab.json");
  write("etcd/member/snap/db", "pulumi-state/.pulumi/meta.yaml", "stack/settings.dev.yaml");
  write("kwok/clusters/lab/kwok.yaml", "lab.json.4711", "stack/settings.dev.yaml.12");
  write(
    "bin/aws",
    "bin/kubelogin",
    "simulated-clusters/0123456789ab/etcd/x",
    "simulated-clusters/secret",
  );
  write("nodes/a/node.json", "nodes/a/var/lib/kubelet/x", "nodes/a/upper/etc/hosts");
  write("daemons/node-a.json", "daemons/node-a.kubelet.out", "logs/node-a.log");
  write("logs/node-a.containerd.log");
  write("named-stacks/prod/settings.prod.yaml", "named-stacks/prod/Pulumi.yaml");
  write(`stack-prod.lock.${"ab".repeat(8)}`);
  write(`lock.${"ab".repeat(16)}.tmp`, `stack.lock.${"ab".repeat(8)}`);
  removeOwnFiles(folder, stateFiles);
  expect(fs.existsSync(folder)).toBe(false);
});

test("what the user keeps beside it stays, under the same folders too", () => {
  const users = ["bin/backup", "etcd/etcd.conf", "logs/mail.log", "notes.txt", "stack/plan.txt"];
  write(...users, ".config/x", "stacks/mine/a", "kwok/clusters/other/kwok.yaml");
  const before = left();
  write("bin/kubectl", "etcd/member/wal/0", "logs/simulators.log", "passphrase");
  removeOwnFiles(folder, stateFiles);
  expect(left()).toEqual(before);
});

test("a cache goes as a whole, and not what the user keeps beside it", () => {
  write("tools/etcd/k1/etcd", "tools/etcd/k1/manifest.json", "tools/pulumi/.unfinished-a/x");
  write("tools/kubelet/k1/kubelet", "tools/kubelet/k1/manifest.json");
  for (const folder of ["debian", "debian-trees", "images"]) write(`${folder}/${hash.slice(8)}/x`);
  write(`node/${hash}/node_modules/x`, "locks/install-a.lock", "tools/kwok.lock");
  removeOwnFiles(folder, cacheFiles);
  expect(fs.existsSync(folder)).toBe(false);
  write("tools/hammer", "tools/kubectl/notes", "node/project/index.js", "locks/door", "photo.jpg");
  const before = left();
  write("tools/kubectl/k1/kubectl", "tools/kubectl/k1/manifest.json");
  removeOwnFiles(folder, cacheFiles);
  expect(left()).toEqual(before);
});

test("links are removed, never followed", () => {
  const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "own-files-else-"));
  fs.writeFileSync(path.join(elsewhere, "pulumi"), "x");
  fs.symlinkSync(elsewhere, path.join(folder, "bin"));
  fs.symlinkSync(elsewhere, path.join(folder, "pulumi-home"));
  removeOwnFiles(folder, stateFiles);
  expect(fs.readdirSync(elsewhere)).toEqual(["pulumi"]);
  expect(fs.readdirSync(folder)).toEqual(["bin"]);
  fs.rmSync(elsewhere, { recursive: true });
});

test("the claim of somebody who waits for a lock stays", () => {
  const claim = `stack.lock.${"ab".repeat(16)}.tmp`;
  const holder = { pid: process.pid, start: processStart(process.pid), nonce: "ab" };
  fs.writeFileSync(path.join(folder, claim), JSON.stringify(holder));
  removeOwnFiles(folder, stateFiles);
  expect(left()).toEqual([claim]);
});

test("only an empty folder is removed, and none is no error", () => {
  write("file");
  removeIfEmpty(folder);
  expect(left()).toEqual(["file"]);
  expect(() => {
    removeIfEmpty(path.join(folder, "none"));
  }).not.toThrow();
});
