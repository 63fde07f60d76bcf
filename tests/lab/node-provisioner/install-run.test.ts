import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import { until } from "../../support/wait";
import { ended, signalGroup } from "../../unit/components/node-provisioner/script/ended";
import {
  BOOTS,
  folderMirror,
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";

let host: PretendedHost;
let pod: ChildProcess;
let seen: string[];
beforeEach(() => {
  host = pretendedHost();
  seen = [];
});
afterEach(() => {
  endPod();
  host.remove();
});

function servedSet(version: string, vmm = BOOTS): AssetSet {
  const { file, mirror } = folderMirror(host);
  const assets = {
    vmm: file(vmm),
    jailer: file("jailer"),
    kernel: file(`kernel ${version}`),
    rootfs: file("rootfs"),
    gate: { seconds: 3 },
  };
  return { amd64: assets, mirrors: [mirror] };
}

/** Starts the pod's container. The reporter is the test. */
function startPod(set: AssetSet, extra: Record<string, string> = {}): string {
  host.mount(set);
  pod = host.start("run", { CHECK_SECONDS: "1", FAREWELL_SECONDS: "20", ...extra });
  return assetSetId(set);
}

/** As at the end of a container, nothing of it goes on. */
function endPod(): void {
  for (let pids = host.processes(); pids.length > 0; pids = host.processes()) {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  }
}

const report = (file: string, text: string | undefined) => {
  const target = path.join(host.state, file);
  if (text === undefined) fs.rmSync(target, { force: true });
  else {
    fs.writeFileSync(`${target}.new`, `${text}\n`);
    fs.renameSync(`${target}.new`, target);
  }
};

/** Waits for a status; remembers the phases on the way. */
async function reaches(wanted: Record<string, string>): Promise<Record<string, string>> {
  for (let round = 0; round < 18_000; round++) {
    const status = host.status();
    const { phase = "" } = status;
    if (phase !== "" && seen.at(-1) !== phase) seen.push(phase);
    if (Object.entries(wanted).every(([key, value]) => status[key] === value)) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(host.status())}`);
}

const current = () => path.basename(fs.readlinkSync(path.join(host.root, "current")));
const noCurrent = () => !fs.existsSync(path.join(host.root, "current"));

test("a node installs, waits for its turn, boots, and is proven; a new pod needs no turn and no boot", async () => {
  const id = startPod(servedSet("1"));
  expect(await reaches({ phase: "waiting" })).toEqual({
    phase: "waiting",
    assetSet: "",
    reason: "WaitingForTurn",
    message: `asset set ${id} is installed; other nodes go first`,
    bootId: "boot-1",
  });
  expect(noCurrent()).toBe(true);
  report("turn", "assets-of-somebody-else");
  await reaches({ phase: "waiting" });
  report("turn", id);
  await reaches({ phase: "proven", assetSet: id });
  expect(current()).toBe(id);
  const findings = JSON.parse(fs.readFileSync(path.join(host.state, "findings.json"), "utf8"));
  expect(findings).toMatchObject({ machineId: "machine-1", bootId: "boot-1", findings: [] });
  const metrics = path.join(host.root, "metrics/kvm-fabric.prom");
  const proven = `kvm_fabric_proven{asset_set="${id}"} 1\n`;
  await until(() => fs.readFileSync(metrics, "utf8").includes(proven));
  endPod();
  fs.rmSync(host.state, { recursive: true });
  fs.mkdirSync(host.state);
  startPod(servedSet("1"));
  seen = [];
  await reaches({ phase: "proven", assetSet: id });
  expect(seen).not.toContain("gating");
  expect(seen).not.toContain("waiting");
});

test("a damaged file: failed first, repaired only after the label is off, then proven anew", async () => {
  const id = startPod(servedSet("1"));
  report("turn", id);
  await reaches({ phase: "proven" });
  const file = path.join(host.root, "versions", id, "vmlinux");
  fs.writeFileSync(file, "damaged!");
  const failed = await reaches({ phase: "failed" });
  expect(failed).toMatchObject({ assetSet: "", reason: "AssetsDamaged" });
  expect(failed.message).toContain("vmlinux");
  // Two more looks change nothing while the label is on.
  const { mtimeMs } = fs.statSync(path.join(host.state, "findings.json"));
  for (let looks = 0, last = mtimeMs; looks < 2;) {
    const { mtimeMs: now } = fs.statSync(path.join(host.state, "findings.json"));
    if (now !== last) looks++;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(fs.readFileSync(file, "utf8")).toBe("damaged!");
  expect(current()).toBe(id);
  const { findings } = JSON.parse(fs.readFileSync(path.join(host.state, "findings.json"), "utf8"));
  expect(findings).toMatchObject([{ name: "artefact-damaged", severity: "fatal" }]);
  seen = [];
  report("withdrawn", "");
  await reaches({ phase: "proven", assetSet: id });
  expect(seen).toContain("gating");
  expect(fs.readFileSync(file, "utf8")).toBe("kernel 1");
});

test("KVM gone: failed with the finding, and proven anew once it is back", async () => {
  const device = path.join(host.home, "kvm");
  fs.symlinkSync("/dev/null", device);
  const id = startPod(servedSet("1"), { KVM_DEVICE: device, BACKOFF_SECONDS: "1" });
  report("turn", id);
  await reaches({ phase: "proven" });
  fs.rmSync(device);
  expect(await reaches({ phase: "failed" })).toMatchObject({ assetSet: "", reason: "NoKvm" });
  seen = [];
  fs.symlinkSync("/dev/null", device);
  await reaches({ phase: "proven", assetSet: id });
  expect(seen).toContain("gating");
});

test("an upgrade that does not boot leaves the node on what it had, and a good one goes on from there", async () => {
  const one = startPod(servedSet("1"));
  report("turn", one);
  await reaches({ phase: "proven" });
  endPod();
  const bad = startPod(servedSet("2", "#!/bin/sh\necho panic\nexit 1\n"));
  await reaches({ phase: "waiting", assetSet: one });
  report("turn", bad);
  const failed = await reaches({ phase: "failed" });
  expect(failed).toMatchObject({ assetSet: one, reason: "GateFailed" });
  expect(failed.message).toContain("it said: panic");
  expect(current()).toBe(one);
  // Taken back, it stays failed, and says why.
  report("turn", undefined);
  await reaches({ phase: "failed", assetSet: one });
  endPod();
  const good = startPod(servedSet("3"));
  report("turn", good);
  await reaches({ phase: "proven", assetSet: good });
  expect(current()).toBe(good);
  expect(fs.existsSync(path.join(host.root, "versions", one))).toBe(true);
});

test("a flip waits for running microVMs as long as it may", async () => {
  const one = startPod(servedSet("1"));
  report("turn", one);
  await reaches({ phase: "proven" });
  endPod();
  const manifest = path.join(host.root, "versions", one, "manifest.json");
  const vm = spawn("flock", ["-s", manifest, "sh", "-c", "echo held; exec sleep 60"], {
    detached: true,
  });
  await new Promise((resolve) => vm.stdout.once("data", resolve));
  const two = startPod(servedSet("2"), { MICROVM_DEADLINE_SECONDS: "600" });
  report("turn", two);
  await reaches({ phase: "waiting", reason: "MicroVmsRunning", assetSet: one });
  expect(current()).toBe(one);
  signalGroup(vm, "SIGKILL");
  await reaches({ phase: "proven", assetSet: two });
  expect(current()).toBe(two);
});

test("a download that fails is tried again, and the host is told apart by its boot", async () => {
  const set = servedSet("1");
  const kernel = path.join(host.home, "mirror", set.amd64?.kernel.sha256 ?? "");
  fs.renameSync(kernel, `${kernel}.away`);
  const id = startPod(set, { CONNECT_SECONDS: "1", BACKOFF_SECONDS: "1" });
  report("turn", id);
  expect(await reaches({ phase: "failed" })).toMatchObject({
    reason: "DownloadFailed",
    assetSet: "",
  });
  fs.renameSync(`${kernel}.away`, kernel);
  await reaches({ phase: "proven" });
  host.kernel("proc/sys/kernel/random/boot_id", "boot-2\n");
  seen = [];
  await reaches({ phase: "proven", bootId: "boot-2" });
  expect(seen).toContain("gating");
});

test.each(["stays", "goes"])("told to end while it works: the provisioner %s", async (farewell) => {
  const id = startPod(servedSet("1", "#!/bin/sh\nexec sleep 60\n"), {});
  report("turn", id);
  await reaches({ phase: "gating" });
  const end = ended(pod);
  process.kill(pod.pid ?? 0, "SIGTERM");
  report("farewell", farewell);
  expect(await end).toMatchObject({ code: 0 });
  if (farewell === "goes") {
    expect(host.status()).toMatchObject({ phase: "removed", assetSet: "", reason: "Removed" });
    expect(fs.existsSync(host.root)).toBe(false);
  } else {
    expect(fs.existsSync(path.join(host.root, "versions", id, "manifest.json"))).toBe(true);
  }
});

test("what is damaged while it is checked, or while its microVM boots, does not count as checked", async () => {
  const damages = BOOTS.replace("exec", 'echo damaged >"${0%/*}/vmlinux"\nexec');
  host.mount(servedSet("1", damages));
  expect(await host.run("install")).toMatchObject({ code: 0 });
  expect(await host.run("verify quick")).toMatchObject({ code: 1 });
  host.mount(servedSet("2"));
  expect(await host.run("install")).toMatchObject({ code: 0 });
  expect(await host.run("verify full", damagingSums())).toMatchObject({ code: 0 });
  expect(await host.run("verify quick")).toMatchObject({ code: 1 });
});

test("what is damaged after a round looked at it is not replaced under the node's label either", async () => {
  host.mount(servedSet("1"));
  await host.run("install");
  expect(await host.run("round")).toMatchObject({ code: 0 });
  const look = { code: 1, stderr: expect.stringContaining("once the label is off the node") };
  expect(await host.run("round", damagingSums())).toMatchObject(look);
  expect(host.status()).toMatchObject({ phase: "failed", assetSet: "", reason: "AssetsDamaged" });
  expect(fs.readFileSync(path.join(host.root, "current/firecracker"), "utf8")).toBe("damaged\n");
});

/** An environment in which the VMM is damaged as soon as any sum was taken, which of a version is the VMM's own first. */
function damagingSums(): Record<string, string> {
  const given = process.env.PATH ?? "";
  const tools = path.join(host.home, "tools");
  const script = `#!/bin/sh
PATH='${given}'
sha256sum "$@" && echo damaged >'${host.root}/current/firecracker'
`;
  fs.mkdirSync(tools);
  fs.writeFileSync(path.join(tools, "sha256sum"), script, { mode: 0o755 });
  return { PATH: `${tools}:${given}` };
}
