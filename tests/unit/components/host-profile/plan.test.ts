import {
  type HostProfile,
  HugepageSize,
  NxHugePages,
  Smt,
} from "../../../../components/host-profile/host-profile";
import { assetArchitectureFaults } from "../../../../components/host-profile/assets";
import { planHostProfile } from "../../../../components/host-profile/plan";
import { assetSetId } from "../../../../components/node-provisioner/asset-set";
import { renderFault } from "../../../../components/shared/faults";
import { planOf } from "./planned";

function faultsOf(profile: HostProfile, path = "hostProfile"): string[] {
  const result = planHostProfile(path, profile);
  return result.ok ? [] : result.faults.map(renderFault);
}

test("without a word, a host is as Firecracker asks for one", () => {
  expect(planOf()).toEqual({
    assets: undefined,
    hugepages: undefined,
    kernelModules: ["kvm", "tun", "vhost_net", "vhost_vsock"],
    ksm: false,
    memlockMib: undefined,
    nestedVirtualization: false,
    nofile: 1_048_576,
    nxHugePages: undefined,
    smt: "unchanged",
    swap: false,
    sysctls: {
      "fs.inotify.max_user_instances": "8192",
      "fs.inotify.max_user_watches": "524288",
      "kernel.pid_max": "4194304",
      "net.ipv4.neigh.default.gc_thresh1": "4096",
      "net.ipv4.neigh.default.gc_thresh2": "8192",
      "net.ipv4.neigh.default.gc_thresh3": "16384",
      "vm.max_map_count": "1048576",
    },
  });
});

test("takes every field, each over its default", () => {
  const plan = planOf({
    hugepages: { count: 16, size: HugepageSize.Gib1 },
    kernelModules: ["nbd", "vhost-net", "kvm"],
    ksm: true,
    limits: { memlockMib: 64, nofile: 65_536 },
    nestedVirtualization: true,
    nxHugePages: NxHugePages.Never,
    smt: Smt.Off,
    swap: true,
    sysctls: { "vm.max_map_count": "262144", "net.core.somaxconn": "4096" },
  });
  expect(plan).toMatchObject({
    hugepages: { count: 16, sizeKib: 1_048_576 },
    kernelModules: ["kvm", "nbd", "vhost_net"],
    ksm: true,
    memlockMib: 64,
    nestedVirtualization: true,
    nofile: 65_536,
    nxHugePages: "never",
    smt: "off",
    swap: true,
  });
  expect(plan.sysctls["vm.max_map_count"]).toBe("262144");
  expect(plan.sysctls["kernel.pid_max"]).toBe("4194304");
  expect(Object.keys(plan.sysctls)).toEqual(Object.keys(plan.sysctls).sort());
});

test("says all faults at once, each by its path", () => {
  const unknown: any = "sometimes";
  const faults = faultsOf({
    hugepages: { count: -1, size: unknown },
    kernelModules: ["tun; reboot", "kvm_intel", "vhost_net", "vhost-net"],
    limits: { memlockMib: 0, nofile: 2_000_000 },
    nxHugePages: unknown,
    smt: unknown,
  });
  expect(faults.map((fault) => fault.split(":")[0])).toEqual([
    "hostProfile.hugepages.count",
    "hostProfile.hugepages.size",
    "hostProfile.kernelModules[0]",
    "hostProfile.kernelModules[1]",
    "hostProfile.kernelModules[3]",
    "hostProfile.limits.memlockMib",
    "hostProfile.limits.nofile",
    "hostProfile.nxHugePages",
    "hostProfile.smt",
  ]);
  expect(faults[6]).toContain('try to raise sysctls["fs.nr_open"] as well');
});

test.each([
  ["vm", "1"],
  ["vm..x", "1"],
  ["../../etc/passwd", "1"],
  ["Vm.swappiness", "1"],
  ["vm.swap piness", "1"],
  ["vm.x$(id)", "1"],
  ["vm.x", ""],
  ["vm.x", "1\n2"],
  ["vm.x", "'; reboot; '"],
  ["vm.x", "$(id)"],
  ["vm.x", "`id`"],
  ["vm.x", '"'],
  ["vm.x", "a\\b"],
  ["kernel.core_pattern", "|/bin/sh -c id"],
  ["vm.x", " 1"],
  ["vm.x", "1  2"],
  ["vm.x", "KVM_FABRIC_END\nreboot"],
  ["vm.x", "1".repeat(256)],
  ["kernel.modules_disabled", "1"],
  ["vm.nr_hugepages", "4"],
])("refuses the setting %j = %j", (name, value) => {
  expect(faultsOf({ sysctls: { [name]: value } })).toHaveLength(1);
});

test.each([
  ["net.ipv4.ip_local_port_range", "1024 65535"],
  ["kernel.core_pattern", "/var/crash/core.%e.%p"],
  ["net.ipv4.conf.eth0.rp_filter", "1"],
  ["vm.swappiness", "-1"],
])("takes the setting %j = %j", (name, value) => {
  expect(faultsOf({ sysctls: { [name]: value } })).toEqual([]);
});

test("refuses a table of neighbours that is full before it is tidied up", () => {
  expect(faultsOf({ sysctls: { "net.ipv4.neigh.default.gc_thresh3": "1024" } })).toEqual([
    'hostProfile.sysctls["net.ipv4.neigh.default.gc_thresh1..3"]: contradict each other: 4096, 8192, 1024, allowed thresholds that rise',
  ]);
});

test("takes more open files where the kernel is told as well", () => {
  const profile = { limits: { nofile: 2_000_000 }, sysctls: { "fs.nr_open": "2000000" } };
  expect(faultsOf(profile)).toEqual([]);
});

test("leaves the path out where there is none", () => {
  expect(faultsOf({ hugepages: { count: 0 } }, "")).toEqual([
    "hugepages.count: out of range, got 0, allowed whole numbers 1 to 16777216",
  ]);
});

const kernel = { url: "https://assets.example.com/vmlinux", sha256: "ab".repeat(32) };
const assets = { arm64: { kernel } };

test("takes assets, and the folder that the provisioner has them in", () => {
  const id = assetSetId(assets);
  expect(planOf({ assets }).assets).toEqual({ id, root: "/var/lib/kvm-fabric", set: assets });
  expect(planOf({ assets, assetsRoot: "/data/kvm" }).assets?.root).toBe("/data/kvm");
});

test("refuses assets as an installer does, and a folder for none", () => {
  const mirrors = ["/srv/assets", "claim://assets"];
  expect(faultsOf({ assets: { arm64: { kernel: { ...kernel, sha256: "?" } }, mirrors } })).toEqual([
    expect.stringMatching(/^hostProfile\.assets\.arm64\.kernel\.sha256: /),
    expect.stringMatching(/^hostProfile\.assets\.mirrors\[1\]: only a pod mounts it/),
  ]);
  expect(faultsOf({ assets, assetsRoot: "/usr/lib" })).toEqual([
    expect.stringMatching(/^hostProfile\.assetsRoot: not a folder that/),
  ]);
  expect(faultsOf({ assetsRoot: "/data/kvm" })).toEqual([
    'hostProfile.assetsRoot: given without assets, got "/data/kvm"',
  ]);
});

test("knows machines that a set has no files for", () => {
  const faults = assetArchitectureFaults("hostProfile", { assets }, ["arm64", "amd64", "amd64"]);
  expect(faults.map(({ path }) => path)).toEqual(["hostProfile.assets.amd64"]);
  expect(assetArchitectureFaults("hostProfile", {}, ["amd64"])).toEqual([]);
});
