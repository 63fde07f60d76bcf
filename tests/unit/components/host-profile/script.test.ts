import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  type HostProfile,
  HugepageSize,
  NxHugePages,
  Smt,
} from "../../../../components/host-profile/host-profile";
import {
  hostImageScript,
  renderImageScript,
} from "../../../../components/host-profile/image-script";
import { bootScript } from "../../../../components/host-profile/boot-script";
import { hostProfileScript } from "../../../../components/host-profile/script";
import { shellcheck } from "../../../support/shellcheck";
import { planOf } from "./planned";

const everything: HostProfile = {
  hugepages: { count: 4 },
  kernelModules: ["tun", "nbd"],
  limits: { memlockMib: 64, nofile: 65_536 },
  nestedVirtualization: true,
  nxHugePages: NxHugePages.Never,
  smt: Smt.Off,
  sysctls: { "net.ipv4.ip_local_port_range": "1024 65535" },
};

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "host-profile-"));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

function put(file: string, content: string): void {
  fs.mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), content);
}

const get = (file: string): string => fs.readFileSync(path.join(root, file), "utf8").trim();

/** What the kernel shows before the script runs, and tools that write down how they were called. */
function host(sysctls: Record<string, string>): void {
  for (const name of Object.keys(sysctls)) put(`proc/sys/${name.replaceAll(".", "/")}`, "0\n");
  put("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  put("proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
  put("proc/cpuinfo", "flags : fpu vmx sse\n");
  put("sys/kernel/mm/ksm/run", "1\n");
  put("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0\n");
  put("sys/devices/system/cpu/smt/control", "on\n");
  fs.mkdirSync(path.join(root, "dev"));
  // A character device, which /dev/kvm is too.
  fs.symlinkSync("/dev/null", path.join(root, "dev/kvm"));
  tool(
    "modprobe",
    `[ "$1" != -n ] || exit 0
if [ "$1" = -r ]; then rm -r "$KVM_FABRIC_ROOT/sys/module/$2"; exit; fi
mkdir -p "$KVM_FABRIC_ROOT/sys/module/$1/parameters"
case $1 in
  kvm_intel) echo Y >"$KVM_FABRIC_ROOT/sys/module/kvm_intel/parameters/nested" ;;
  kvm) echo N >"$KVM_FABRIC_ROOT/sys/module/kvm/parameters/nx_huge_pages" ;;
esac`,
  );
  tool("swapoff", `echo header >"$KVM_FABRIC_ROOT/proc/swaps"`);
}

function tool(name: string, body: string): void {
  put(`tools/${name}`, `#!/bin/sh\necho "${name} $*" >>"$KVM_FABRIC_ROOT/calls"\n${body}\n`);
  fs.chmodSync(path.join(root, "tools", name), 0o755);
}

function run(script: string) {
  const env = { PATH: `${root}/tools:${process.env.PATH ?? ""}`, KVM_FABRIC_ROOT: root };
  const { status, stderr } = spawnSync("sh", ["-s"], { input: script, env, encoding: "utf8" });
  return { status, messages: stderr.trim().split("\n").filter(Boolean) };
}

/** All files below the root, with content and time of change. */
function snapshot(): Record<string, string> {
  const files = fs.readdirSync(root, { recursive: true, encoding: "utf8" });
  const entries = files.map((file) => {
    const stat = fs.lstatSync(path.join(root, file));
    const content = stat.isFile() ? fs.readFileSync(path.join(root, file), "utf8") : "";
    return [file, `${String(stat.mtimeMs)} ${content}`] as const;
  });
  return Object.fromEntries(entries);
}

test("gives a host its profile, and leaves it alone the second time", () => {
  const plan = planOf({ ...everything, nxHugePages: undefined });
  host(plan.sysctls);
  const first = run(hostProfileScript(plan));
  expect(first).toMatchObject({ status: 0 });
  expect(get("etc/modules-load.d/kvm-fabric.conf").split("\n").slice(1)).toEqual([
    "kvm",
    "tun",
    "nbd",
  ]);
  expect(get("etc/modprobe.d/kvm-fabric.conf")).toContain("options kvm_intel nested=1");
  expect(get("etc/sysctl.d/90-kvm-fabric.conf")).toContain("vm.max_map_count = 1048576");
  expect(get("etc/security/limits.d/90-kvm-fabric.conf").split("\n").slice(1)).toEqual([
    "* - nofile 65536",
    "* - memlock 65536",
    "root - nofile 65536",
    "root - memlock 65536",
  ]);
  expect(get("etc/systemd/system.conf.d/90-kvm-fabric.conf")).toContain("DefaultLimitMEMLOCK=64M");
  expect(get("etc/tmpfiles.d/kvm-fabric.conf").split("\n").slice(1)).toEqual([
    "w- /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages - - - - 4",
    "w- /sys/kernel/mm/ksm/run - - - - 0",
    "w- /sys/devices/system/cpu/smt/control - - - - off",
  ]);
  expect(fs.readlinkSync(path.join(root, "etc/systemd/system/swap.target"))).toBe("/dev/null");
  expect(get("proc/sys/vm/max_map_count")).toBe("1048576");
  expect(get("proc/sys/net/ipv4/ip_local_port_range")).toBe("1024 65535");
  expect(get("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")).toBe("4");
  expect(get("sys/kernel/mm/ksm/run")).toBe("2");
  expect(get("sys/devices/system/cpu/smt/control")).toBe("off");
  expect(get("calls").split("\n")).toEqual([
    "swapoff -a",
    "modprobe kvm",
    "modprobe tun",
    "modprobe nbd",
    "modprobe kvm_intel",
  ]);
  expect(fs.readdirSync(path.join(root, "etc/sysctl.d"))).toEqual(["90-kvm-fabric.conf"]);

  const before = snapshot();
  expect(run(hostProfileScript(plan))).toEqual({ status: 0, messages: [] });
  expect(snapshot()).toEqual(before);
});

test("what is no longer asked for is gone from the files", () => {
  host(planOf(everything).sysctls);
  expect(run(hostProfileScript(planOf(everything))).status).toBe(0);
  expect(get("sys/module/kvm/parameters/nx_huge_pages")).toBe("never");
  expect(get("etc/modprobe.d/kvm-fabric.conf")).toContain("nx_huge_pages=never");
  expect(run(hostProfileScript(planOf())).status).toBe(0);
  expect(get("etc/modprobe.d/kvm-fabric.conf")).not.toContain("nx_huge_pages");
  expect(get("etc/tmpfiles.d/kvm-fabric.conf")).not.toContain("hugepages");
});

test("loads the processor's module again where its options changed, and warns where it cannot", () => {
  host(planOf().sysctls);
  run(hostProfileScript(planOf()));
  // The fake kernel always comes up nested: it is one whose module does not take the option.
  put("sys/module/kvm_intel/parameters/nested", "Y\n");
  const { status, messages } = run(hostProfileScript(planOf()));
  expect(status).toBe(0);
  expect(messages).toEqual([
    "kvm-fabric host profile: loaded kvm_intel again",
    "kvm-fabric host profile: warning: guests can run KVM until this host reboots: kvm_intel is in use",
  ]);
});

test.each<[string, HostProfile, () => void, string]>([
  [
    "no /dev/kvm though the processor can",
    {},
    () => {
      fs.rmSync(path.join(root, "dev/kvm"));
    },
    "there is no /dev/kvm though the processor can: see dmesg",
  ],
  [
    "a processor without virtualisation",
    {},
    () => {
      fs.rmSync(path.join(root, "dev/kvm"));
      put("proc/cpuinfo", "flags : fpu sse\n");
    },
    "the processor shows no virtualisation; take a metal machine",
  ],
  [
    "no such module",
    { kernelModules: ["nbd"] },
    () => {
      tool("modprobe", `[ "$1" != nbd ] || exit 1; mkdir -p "$KVM_FABRIC_ROOT/sys/module/$1"`);
    },
    "cannot load the kernel module nbd: install the extra modules",
  ],
  [
    "no such setting",
    { sysctls: { "net.netfilter.nf_conntrack_max": "1" } },
    () => undefined,
    "this kernel has no /proc/sys/net/netfilter/nf_conntrack_max",
  ],
  [
    "no huge pages of a size",
    { hugepages: { count: 1, size: HugepageSize.Gib1 } },
    () => undefined,
    "this processor has no huge pages of that size",
  ],
  [
    "a module in use that would have to be loaded again",
    { nestedVirtualization: true },
    () => {
      put("sys/module/kvm_intel/parameters/nested", "N\n");
      tool("modprobe", `[ "$1" != -r ] || exit 1; mkdir -p "$KVM_FABRIC_ROOT/sys/module/$1"`);
    },
    "guests cannot run KVM: kvm_intel is in use without it; reboot this host",
  ],
])("ends with one clear line: %s", (_, profile, breakHost, message) => {
  host(planOf().sysctls);
  breakHost();
  const { status, messages } = run(hostProfileScript(planOf(profile)));
  expect(status).toBe(1);
  expect(messages.at(-1)).toContain(`kvm-fabric host profile: error: `);
  expect(messages.at(-1)).toContain(message);
});

test("bakes an image without a /dev/kvm, and touches nothing that runs", () => {
  tool("modprobe", "exit 0");
  const script = hostImageScript(everything);
  expect(run(script).status).toBe(0);
  expect(get("etc/modprobe.d/kvm-fabric.conf")).toContain("options kvm_amd nested=1");
  expect(get("calls").split("\n")).toEqual(
    ["kvm", "tun", "nbd"].map((name) => `modprobe -n ${name}`),
  );
  const before = snapshot();
  expect(run(script)).toEqual({ status: 0, messages: [] });
  expect({ ...snapshot(), calls: "" }).toEqual({ ...before, calls: "" });
});

test("a host without systemd, or whose systemd says no, is told so, and nothing is started", () => {
  host(planOf().sysctls);
  const kernel = { url: "https://assets.example.com/vmlinux", sha256: "ab".repeat(32) };
  const script = hostProfileScript(planOf({ assets: { amd64: { kernel } } }));
  tool("systemctl", `[ "$1" != --no-block ]`);
  const refused = run(script);
  expect(refused.status).toBe(1);
  expect(refused.messages.at(-1)).toContain("systemd does not start kvm-fabric-assets.service");
  tool("systemctl", "exit 0");
  expect(run(script)).toMatchObject({ status: 0 });
  const tail = get("calls").split("\n").slice(-3);
  expect(tail).toEqual([
    "systemctl daemon-reload",
    "systemctl --quiet enable kvm-fabric-assets.service",
    "systemctl --no-block restart kvm-fabric-assets.service",
  ]);
});

test("does not bake an image whose assets cannot be had", () => {
  tool("modprobe", "exit 0");
  const kernel = { url: "https://assets.invalid/vmlinux", sha256: "ab".repeat(32), sizeBytes: 1 };
  const { status, messages } = run(
    hostImageScript({ assets: { amd64: { kernel }, arm64: { kernel } } }),
  );
  expect(status).toBe(1);
  expect(messages.join("\n")).toContain("no source has vmlinux");
  expect(messages.at(-1)).toMatch(
    /error: the image has no asset set assets-[0-9a-f]{20}: see above$/,
  );
});

test("does not bake an image whose kernel lacks a module", () => {
  tool("modprobe", `[ "$2" != nbd ]`);
  const { status, messages } = run(hostImageScript(everything));
  expect(status).toBe(1);
  expect(messages[0]).toContain("the image's kernel has no module nbd");
});

test("refuses to render a profile with faults", () => {
  expect(() => hostImageScript({ hugepages: { count: 0 } })).toThrow(
    "the host profile has faults:\n  hugepages.count: out of range",
  );
});

test("shellcheck finds nothing in any script", async () => {
  const kernel = { url: "https://assets.example.com/vmlinux", sha256: "ab".repeat(32) };
  const assets = { amd64: { kernel }, arm64: { kernel }, mirrors: ["/srv/assets"] };
  for (const profile of [{}, everything, { assets }]) {
    for (const render of [hostProfileScript, renderImageScript, bootScript]) {
      expect(await shellcheck(render(planOf(profile)))).toBe("");
    }
  }
});
