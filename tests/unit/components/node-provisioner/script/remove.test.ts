import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type AssetSet, assetSetId } from "../../../../../components/node-provisioner/asset-set";
import { signalGroup } from "./ended";
import { folderMirror, pretendedHost, type PretendedHost } from "./pretended-host";

let host: PretendedHost;
const holders: ChildProcess[] = [];
beforeEach(() => {
  host = pretendedHost();
});
afterEach(() => {
  for (const holder of holders.splice(0)) signalGroup(holder, "SIGKILL");
  host.remove();
});

/** A set of a kernel of its own and of a root file system that all versions share. */
function servedSet(version: string): AssetSet {
  const { file, mirror } = folderMirror(host);
  return {
    amd64: { kernel: file(`kernel ${version}`), rootfs: file("shared") },
    mirrors: [mirror],
  };
}

const install = async (version: string, extra: Record<string, string> = {}) => {
  const set = servedSet(version);
  host.mount(set);
  expect(await host.run("install", { PROVE: "no", KEEP_VERSIONS: "1", ...extra })).toMatchObject({
    code: 0,
  });
  // Versions are ordered by when they were made, in seconds.
  const folder = path.join(host.root, "versions", assetSetId(set));
  const at = Number(version) * 1000;
  fs.utimesSync(folder, at, at);
  return assetSetId(set);
};

const versions = () => fs.readdirSync(path.join(host.root, "versions")).sort();
const kernels = () =>
  Object.entries(host.installed())
    .filter(([name, text]) => name.startsWith("objects/") && text.startsWith("kernel"))
    .map(([, text]) => text)
    .sort();

/** Holds a shared lock on a version's manifest, as whoever runs a microVM from it does. */
async function use(id: string): Promise<ChildProcess> {
  const manifest = path.join(host.root, "versions", id, "manifest.json");
  const holder = spawn("flock", ["-s", manifest, "sh", "-c", "echo held; exec sleep 60"], {
    detached: true,
  });
  holders.push(holder);
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  return holder;
}

test("old versions go with their objects; the current one, the one before and those in use stay", async () => {
  const [one, two] = [await install("1"), await install("2")];
  const holder = await use(one);
  const three = await install("3");
  const four = await install("4");
  expect(versions()).toEqual([one, three, four].sort());
  expect(two).not.toBe(one);
  expect(kernels()).toEqual(["kernel 1", "kernel 3", "kernel 4"]);
  // Closed once the last process that held the lock is gone.
  const closed = new Promise((resolve) => holder.once("close", resolve));
  signalGroup(holder, "SIGKILL");
  await closed;
  expect(await host.run("collect", { KEEP_VERSIONS: "1" })).toMatchObject({ code: 0 });
  expect(versions()).toEqual([three, four].sort());
  expect(kernels()).toEqual(["kernel 3", "kernel 4"]);
});

test("as many versions are kept as are asked for, the newest ones", async () => {
  const ids = [];
  for (const version of ["1", "2", "3", "4"])
    ids.push(await install(version, { KEEP_VERSIONS: "3" }));
  expect(versions()).toEqual(ids.slice(1).sort());
});

test("rollback flips to the version before, and flip to the wanted one", async () => {
  const [one, two] = [await install("1"), await install("2")];
  const current = () => fs.readlinkSync(path.join(host.root, "current"));
  expect(await host.run("rollback")).toMatchObject({ code: 0 });
  expect(current()).toBe(`versions/${one}`);
  expect(await host.run("flip")).toMatchObject({ code: 0 });
  expect(current()).toBe(`versions/${two}`);
  fs.writeFileSync(path.join(host.root, "versions", one, "vmlinux"), "damaged");
  const { code, stderr } = await host.run("rollback");
  expect(code).toBe(1);
  expect(stderr).toContain(`file vmlinux of version ${one} has another SHA-256`);
  expect(current()).toBe(`versions/${two}`);
});

test("a first version has nothing to go back to", async () => {
  await install("1");
  expect(await host.run("rollback")).toMatchObject({ code: 1 });
});

test("uninstall leaves nothing, also of what was half installed", async () => {
  const id = await install("1");
  await install("2");
  fs.mkdirSync(path.join(host.root, "versions/.partial-assets-1"));
  fs.writeFileSync(path.join(host.root, "versions/.partial-assets-1/x"), "x");
  fs.writeFileSync(path.join(host.root, "objects", `.partial-${"a".repeat(64)}`), "x");
  fs.rmSync(path.join(host.root, "versions", id, "manifest.json"));
  expect(await host.run("uninstall")).toMatchObject({ code: 0 });
  expect(fs.existsSync(host.root)).toBe(false);
  expect(await host.run("uninstall")).toMatchObject({ code: 0 });
  expect(fs.existsSync(host.root)).toBe(false);
});

test("uninstall leaves everybody else's files where they are", async () => {
  const id = await install("1");
  const foreign = {
    "data.img": "theirs",
    "metrics/other.prom": "theirs",
    "objects/notes": "theirs",
    "versions/mine/x": "theirs",
    [`versions/${id}/notes`]: "theirs",
  };
  for (const [name, text] of Object.entries(foreign)) {
    fs.mkdirSync(path.dirname(path.join(host.root, name)), { recursive: true });
    fs.writeFileSync(path.join(host.root, name), text);
  }
  const { code, stderr } = await host.run("uninstall");
  expect(code).toBe(0);
  expect(stderr).toContain(`versions/${id} stays: it holds what is not ours`);
  expect(host.installed()).toEqual(foreign);
});

test("a link or a folder named current that is not ours stays, and stops a flip", async () => {
  const set = servedSet("1");
  host.mount(set);
  fs.mkdirSync(path.join(host.root, "current"), { recursive: true });
  fs.writeFileSync(path.join(host.root, "current/file"), "theirs");
  const { code, stderr } = await host.run("install", { PROVE: "no" });
  expect(code).toBe(1);
  expect(stderr).toContain("current is not ours: it is no symbolic link");
  expect(await host.run("uninstall")).toMatchObject({ code: 0 });
  expect(host.installed()).toEqual({ "current/file": "theirs" });
});
