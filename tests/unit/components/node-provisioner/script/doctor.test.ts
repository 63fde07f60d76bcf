import * as fs from "node:fs";
import * as path from "node:path";
import type { AssetSet } from "../../../../../components/node-provisioner/asset-set";
import { FINDINGS } from "../../../../../components/node-provisioner/doctor-policy";
import { BOOTS, pretendedHost, type PretendedHost } from "./pretended-host";
import { sha256 } from "./ended";

let host: PretendedHost;
beforeEach(() => {
  host = pretendedHost();
});
afterEach(() => {
  host.remove();
});

/** Files in a folder that serves them, so that no test here needs a network. */
function servedSet(vmm = BOOTS, sizeBytes?: number): AssetSet {
  const mirror = path.join(host.home, "mirror");
  fs.mkdirSync(mirror, { recursive: true });
  const file = (content: string) => {
    fs.writeFileSync(path.join(mirror, sha256(content)), content);
    const size = sizeBytes ?? content.length;
    return { url: "https://nowhere.invalid/file", sha256: sha256(content), sizeBytes: size };
  };
  const assets = { vmm: file(vmm), jailer: file("j"), kernel: file("k"), rootfs: file("r") };
  return { amd64: assets, mirrors: [mirror] };
}

interface Finding {
  name: string;
  severity: string;
  got: string;
  wanted: string;
  fix: string;
}

async function findings(
  extra?: Record<string, string>,
): Promise<{ code: number | null; found: Finding[] }> {
  const { code, stdout, stderr } = await host.run("doctor", extra);
  expect(stderr).toBe("");
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ machineId: "machine-1", bootId: "boot-1" });
  expect(Math.abs(answer.checkedAt - Date.now() / 1000)).toBeLessThan(120);
  return { code, found: answer.findings };
}

test("a good host has no findings, before and after an installation", async () => {
  host.mount(servedSet());
  expect(await findings()).toEqual({ code: 0, found: [] });
  expect(await host.run("install")).toMatchObject({ code: 0 });
  expect(await findings()).toEqual({ code: 0, found: [] });
});

/** Settings of the script; those with a slash are files of the kernel, empty where there is none. */
type Spoilt = Record<string, string>;

const kernel = (file: string, text = ""): Spoilt => ({ [file]: text });

function spoil(spoilt: Spoilt): Record<string, string> {
  const isFile = ([name]: [string, string]) => name.includes("/");
  const entries = Object.entries(spoilt);
  for (const [file, text] of entries.filter(isFile)) {
    host.kernel(file, text === "" ? undefined : text);
  }
  return Object.fromEntries(entries.filter((entry) => !isFile(entry)));
}

const bad: [string, string, Spoilt, string][] = [
  ["no-kvm", "fatal", { KVM_DEVICE: "/nowhere/kvm" }, "no character device"],
  ["no-kvm", "fatal", { KVM_DEVICE: __filename }, "no character device"],
  // A terminal of nobody is a character device that does not open.
  ["kvm-not-openable", "fatal", { KVM_DEVICE: "/dev/tty" }, "does not open"],
  ["kvm-module-missing", "warning", kernel("sys/module/kvm_intel"), "none"],
  ["wrong-architecture", "fatal", { MACHINE: "riscv64" }, "riscv64"],
  ["wrong-architecture", "fatal", { MACHINE: "aarch64" }, "aarch64"],
  ["kernel-too-old", "fatal", kernel("proc/sys/kernel/osrelease", "5.4.0-99-generic\n"), "5.4.0"],
  ["kernel-too-old", "fatal", { KERNEL_MINIMUM: "6.1.142" }, "6.1.141"],
  ["smt", "warning", kernel("sys/devices/system/cpu/smt/active", "1\n"), "on"],
  ["ksm", "warning", kernel("sys/kernel/mm/ksm/run", "1\n"), "on"],
  [
    "swap",
    "warning",
    kernel(
      "proc/swaps",
      'Filename Type Size\n/swapfile file 1 0 -2\n/dev/"x\\y partition 1 0 -3\n',
    ),
    '/swapfile /dev/"x\\y',
  ],
  ["hugepages", "warning", { HUGEPAGES: "1024" }, "512 of 2048 KiB"],
  ["hugepages", "warning", { HUGEPAGES: "1", HUGEPAGE_KIB: "1048576" }, "0 of 1048576 KiB"],
  ["cgroup-v1", "warning", kernel("sys/fs/cgroup/cgroup.controllers"), "no cgroup"],
  ["tun-missing", "warning", kernel("proc/misc", "232 kvm\n"), "no tun"],
  [
    "cpu-vulnerable",
    "warning",
    kernel(
      "sys/devices/system/cpu/vulnerabilities/mds",
      "Vulnerable: Clear CPU buffers attempted\n",
    ),
    "mds",
  ],
  ["nested-virtualisation", "warning", { NESTED: "Y" }, "N"],
  [
    "nested-virtualisation",
    "warning",
    { NESTED: "N", ...kernel("sys/module/kvm_intel/parameters/nested", "1\n") },
    "Y",
  ],
];

test.each(bad)("%s is found (%s)", async (name, severity, spoilt, got) => {
  host.mount(servedSet());
  const { code, found } = await findings(spoil(spoilt));
  expect(found.map((finding) => finding.name)).toEqual([name]);
  expect(found[0]).toMatchObject({ severity, got: expect.stringContaining(got) });
  expect(found[0]?.fix).not.toBe("");
  expect(found[0]?.wanted).not.toBe("");
  expect(code).toBe(severity === "fatal" ? 1 : 0);
});

test("a disk or its inodes that do not hold twice what is missing", async () => {
  host.mount(servedSet(BOOTS, 2 ** 50));
  const { code, found } = await findings();
  expect(found).toMatchObject([{ name: "disk-full", severity: "fatal" }]);
  expect(code).toBe(1);
  const few = path.join(host.home, "bin");
  fs.mkdirSync(few);
  fs.writeFileSync(path.join(few, "stat"), "#!/bin/sh\necho 1000000 4096 3 1000000\n", {
    mode: 0o755,
  });
  host.mount(servedSet());
  const { found: inodes } = await findings({ PATH: `${few}:${process.env.PATH ?? ""}` });
  expect(inodes).toMatchObject([{ name: "inodes-full", severity: "fatal" }]);
});

test.each(["bit", "mode", "missing", "link", "extra", "manifest"])(
  "a version on the disk that is not what its manifest says: %s",
  async (damage) => {
    host.mount(servedSet());
    await host.run("install");
    const current = fs.realpathSync(path.join(host.root, "current"));
    const file = path.join(current, "rootfs.ext4");
    const damages: Record<string, () => void> = {
      bit: () => {
        fs.writeFileSync(file, "s");
      },
      mode: () => {
        fs.chmodSync(path.join(current, "firecracker"), 0o644);
      },
      missing: () => {
        fs.rmSync(file);
      },
      link: () => {
        fs.renameSync(file, `${host.home}/elsewhere`);
        fs.symlinkSync(`${host.home}/elsewhere`, file);
      },
      extra: () => {
        const sums = path.join(current, "SHA256SUMS");
        fs.appendFileSync(sums, `${sha256("r")}  another\n`);
      },
      manifest: () => {
        fs.rmSync(path.join(current, "manifest.json"));
      },
    };
    damages[damage]?.();
    const { code, found } = await findings();
    expect(found).toMatchObject([{ name: "artefact-damaged", severity: "fatal" }]);
    expect(code).toBe(1);
    expect(await host.run("verify quick")).toMatchObject({ code: 1 });
  },
);

test("an old Firecracker", async () => {
  host.mount(servedSet(BOOTS.replace("v1.16.1", "v1.9.0")));
  await host.run("install");
  expect((await findings()).found).toMatchObject([{ name: "firecracker-too-old", got: "1.9.0" }]);
});

test("the policy says how bad a finding is, and which is none", async () => {
  host.mount(servedSet());
  for (const file of ["sys/devices/system/cpu/smt/active", "sys/kernel/mm/ksm/run"])
    host.kernel(file, "1\n");
  host.kernel("sys/module/vhost_vsock", undefined);
  const policy = "smt fatal\nksm off\nvhost-vsock-missing warning\n";
  fs.writeFileSync(path.join(host.files, "doctor.policy"), policy);
  const { code, found } = await findings();
  expect(found.map(({ name, severity }) => [name, severity])).toEqual([
    ["smt", "fatal"],
    ["vhost-vsock-missing", "warning"],
  ]);
  expect(code).toBe(1);
  const { code: installed, stderr } = await host.run("install");
  expect(installed).toBe(1);
  expect(stderr).toContain("this host is not fit: smt: got on, wanted off");
  expect(host.installed()).toEqual({ ".lock": expect.any(String) });
});

test("a policy can name every finding that the script makes, and no other", () => {
  const script = fs.readFileSync(path.join(host.home, "provision.sh"), "utf8");
  const made = [...script.matchAll(/\bfinding ([a-z][a-z0-9-]+) /g)].map(([, name]) => name);
  expect([...new Set(made)].sort()).toEqual([...FINDINGS]);
});

test("a pod sees no machine's id, and names its node instead", async () => {
  host.mount(servedSet());
  const pod = { MACHINE_ID_FILE: path.join(host.home, "none"), NODE_NAME: "kvm-1" };
  const { stdout } = await host.run("doctor", pod);
  expect(JSON.parse(stdout)).toMatchObject({ machineId: "", node: "kvm-1", bootId: "boot-1" });
  expect((await host.run("install", pod)).code).toBe(0);
  const lock = path.join(host.root, ".lock");
  expect(fs.readFileSync(lock, "utf8")).toMatch(/^pid \d+, node kvm-1\n$/);
  const meant = await host.run("install", { ...pod, EXPECTED_MACHINE_ID: "machine-1" });
  expect(meant.stderr).toContain("this is node kvm-1, and machine-1 was meant");
});

test("another machine than the one that is meant is left alone", async () => {
  host.mount(servedSet());
  const { code, stderr } = await host.run("install", { EXPECTED_MACHINE_ID: "machine-2" });
  expect(code).toBe(1);
  expect(stderr).toContain("this is machine machine-1, and machine-2 was meant");
  expect(host.installed()).toEqual({});
  expect(await host.run("install", { EXPECTED_MACHINE_ID: "machine-1" })).toMatchObject({
    code: 0,
  });
});
