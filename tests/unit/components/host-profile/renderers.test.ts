import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "yaml";
import {
  bottlerocketFaults,
  bottlerocketSettings,
} from "../../../../components/host-profile/bottlerocket";
import { bootScript } from "../../../../components/host-profile/boot-script";
import { cloudConfig, hostCloudConfig } from "../../../../components/host-profile/cloud-init";
import { HugepageSize, NxHugePages, Smt } from "../../../../components/host-profile/host-profile";
import { hostProfileScript } from "../../../../components/host-profile/script";
import { mimeUserData } from "../../../../components/host-profile/user-data";
import type { AssetSet } from "../../../../components/node-provisioner/asset-set";
import { sha256 } from "../node-provisioner/script/ended";
import { planOf } from "./planned";

test("cloud-init writes the script and runs it", () => {
  const plan = planOf({ hugepages: { count: 3 } });
  const text = cloudConfig(plan);
  expect(text.split("\n")[0]).toBe("#cloud-config");
  expect(yaml.parse(text)).toEqual({
    write_files: [
      {
        path: "/usr/local/sbin/kvm-fabric-host-profile",
        owner: "root:root",
        permissions: "0755",
        content: hostProfileScript(plan),
      },
    ],
    runcmd: [["/usr/local/sbin/kvm-fabric-host-profile"]],
  });
});

const parts = [
  { contentType: "text/x-shellscript", body: hostProfileScript(planOf()) },
  { contentType: "application/node.eks.aws", body: "apiVersion: node.eks.aws/v1alpha1\n" },
];

test("a MIME parser finds each part as it was", () => {
  const program = `
import email, json, sys
message = email.message_from_string(sys.stdin.read())
print(json.dumps([[p.get_content_type(), p.get_content_charset(), p.get_payload()] for p in message.get_payload()]))`;
  const options = { input: mimeUserData(parts), encoding: "utf8" } as const;
  const { stdout, error } = spawnSync("python3", ["-c", program], options);
  if (error !== undefined) return;
  expect(JSON.parse(stdout)).toEqual(
    parts.map(({ contentType, body }) => [contentType, "utf-8", body]),
  );
});

test("user data is the same for the same parts, and other for others", () => {
  expect(mimeUserData(parts)).toBe(mimeUserData(structuredClone(parts)));
  expect(mimeUserData(parts.slice(1))).not.toBe(mimeUserData(parts));
  const [, boundary = ""] = /boundary="([^"]+)"/.exec(mimeUserData(parts)) ?? [];
  expect(boundary).toMatch(/^kvm-fabric-[0-9a-f]{32}$/);
  expect(mimeUserData(parts).split(`--${boundary}`)).toHaveLength(parts.length + 2);
});

test("fits the 16 KiB of EC2's user data with room for the node's own part", () => {
  expect(mimeUserData(parts).length).toBeLessThan(10_000);
});

const kernel = { url: "https://assets.example.com/vmlinux", sha256: "ab".repeat(32) };
const assets: AssetSet = { amd64: { kernel, gate: { command: ["qemu"] } } };

test("a script with assets unpacks itself to the one that it was, and ends as that does", () => {
  const plan = planOf({ assets });
  const packed = bootScript(plan);
  const line = /^# (sed .*)$/m.exec(packed)?.[1]?.replace(" FILE", "") ?? "";
  const shown = spawnSync("sh", ["-c", line], { input: packed, encoding: "utf8" });
  expect(shown.stdout).toBe(hostProfileScript(plan));
  expect(bootScript(planOf())).toBe(hostProfileScript(planOf()));
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "packed-"));
  const env = { PATH: process.env.PATH, KVM_FABRIC_ROOT: root, TMPDIR: root };
  // A host of which nothing is there.
  const { status, stderr } = spawnSync("sh", ["-s"], { input: packed, env, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("error: ") });
  expect(fs.readdirSync(root)).toEqual(["etc"]);
  fs.rmSync(root, { recursive: true });
});

test("assets of four files and a mirror leave a fifth of EC2's user data free", () => {
  const archive = (name: string) => ({
    url: `https://github.com/firecracker-microvm/firecracker/releases/download/v1.16.1/${name}-x86_64.tgz`,
    sha256: sha256(name),
    archiveMember: `release-v1.16.1-x86_64/${name}-v1.16.1-x86_64`,
  });
  const [vmm, jailer, guest, rootfs] = ["vmm", "jailer", "kernel", "rootfs"].map(archive);
  const both = { vmm, jailer, kernel: guest ?? kernel, rootfs };
  const mirrors = ["https://assets.example.com/kvm-fabric"];
  expect(hostCloudConfig({ assets: { amd64: both, mirrors } }).length).toBeLessThan(16_384 * 0.8);
});

test("cloud-init's own user data is refused with every fault, or where it is too large", () => {
  expect(hostCloudConfig()).toBe(cloudConfig(planOf()));
  expect(() => hostCloudConfig({ hugepages: { count: 0 } })).toThrow(
    "the host profile has faults:\n  hugepages.count: out of range",
  );
  const words = Array.from({ length: 120 }, (_, n) => sha256(String(n))).join("/");
  const long = { amd64: { kernel: { ...kernel, url: `https://assets.example.com/${words}` } } };
  expect(() => hostCloudConfig({ assets: long })).toThrow(
    /assets: too large for user data, got "\d+ bytes, .*allowed 16384 bytes/,
  );
});

test("Bottlerocket gets modules, settings and 2 MiB pages", () => {
  const plan = planOf({ hugepages: { count: 8 }, kernelModules: ["tun"] });
  expect(bottlerocketSettings(plan)).toBe(
    [
      "[settings.kernel.modules.kvm]",
      "allowed = true",
      "autoload = true",
      "",
      "[settings.kernel.modules.tun]",
      "allowed = true",
      "autoload = true",
      "",
      "[settings.kernel.sysctl]",
      '"fs.inotify.max_user_instances" = "8192"',
      '"fs.inotify.max_user_watches" = "524288"',
      '"kernel.pid_max" = "4194304"',
      '"net.ipv4.neigh.default.gc_thresh1" = "4096"',
      '"net.ipv4.neigh.default.gc_thresh2" = "8192"',
      '"net.ipv4.neigh.default.gc_thresh3" = "16384"',
      '"vm.max_map_count" = "1048576"',
      '"vm.nr_hugepages" = "8"',
      "",
    ].join("\n"),
  );
  expect(bottlerocketFaults("hostProfile", plan)).toEqual([]);
});

test("Bottlerocket refuses what it has no setting for", () => {
  const plan = planOf({
    assets,
    hugepages: { count: 8, size: HugepageSize.Gib1 },
    ksm: true,
    limits: { memlockMib: 64, nofile: 65_536 },
    nestedVirtualization: true,
    nxHugePages: NxHugePages.Auto,
    smt: Smt.Off,
    swap: true,
  });
  expect(bottlerocketFaults("hostProfile", plan).map(({ path }) => path)).toEqual([
    "hostProfile.hugepages.size",
    "hostProfile.limits.memlockMib",
    "hostProfile.limits.nofile",
    "hostProfile.nestedVirtualization",
    "hostProfile.nxHugePages",
    "hostProfile.smt",
    "hostProfile.ksm",
    "hostProfile.swap",
    "hostProfile.assets",
  ]);
});
