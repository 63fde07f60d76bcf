import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  type AssetSet,
  assetSetFaults,
  assetSetId,
} from "../../../../../components/node-provisioner/asset-set";
import {
  installerScript,
  policyTable,
  preparerScript,
  provisionScript,
} from "../../../../../components/node-provisioner/script/provision-script";
import { provisionTables } from "../../../../../components/node-provisioner/script/tables";
import { shellcheck } from "../../../../support/shellcheck";
import { ended, sha256 } from "./ended";
import { pretendedHost, type PretendedHost } from "./pretended-host";

let host: PretendedHost;
beforeEach(() => {
  host = pretendedHost();
});
afterEach(() => {
  host.remove();
});

const sum = "a".repeat(64);
const other = "b".repeat(64);
const file = { url: "https://example.com/x", sha256: sum };

test("shellcheck finds nothing, the tables included", async () => {
  const script = installerScript({ amd64: { kernel: file } }, { doctorPolicy: { smt: "off" } });
  expect(script).toContain(provisionScript().split("\n").slice(1).join("\n"));
  expect(await shellcheck(script)).toBe("");
  const preparer = preparerScript({ amd64: { kernel: file }, mirrors: ["/srv"] }, "/data/kvm");
  // Without its comments it does not say that awk's dollars are awk's, nor has it everything that reads a table's name.
  expect(await shellcheck(preparer, ["SC2016", "SC2034"])).toBe("");
});

test("what brings files alone knows neither host nor microVM, and says nothing of itself", () => {
  const script = preparerScript({ amd64: { kernel: file, gate: { command: ["qemu"] } } });
  const [shell, about, ...rest] = script.split("\n");
  expect([shell, about]).toEqual(["#!/bin/sh", expect.stringMatching(/^# The tables/)]);
  expect(rest.filter((line) => /^ *#/.test(line))).toEqual([]);
  expect(script).not.toMatch(/gate_version|\.gate"|examine|flip/);
  expect(script.length).toBeLessThan(installerScript({ amd64: { kernel: file } }).length / 2);
});

test("the tables name every file, and how the throwaway microVM boots", () => {
  const archived = { ...file, archiveMember: "x/fc", memberSha256: other, sizeBytes: 12 };
  const set: AssetSet = {
    amd64: { vmm: archived, jailer: file, kernel: file, rootfs: { ...file, fileName: "disk" } },
    arm64: {
      kernel: file,
      gate: { command: ["qemu", "-kernel", "@kernel@"], expect: "login:", mode: "TCG" },
    },
    mirrors: ["http://mirror/a", "/mnt/b"],
  };
  const tables = provisionTables(set);
  expect(tables).toEqual({
    "asset-set": `${assetSetId(set)}\n`,
    mirrors: "http://mirror/a\n/mnt/b\n",
    "amd64.table": [
      `firecracker 755 ${sum} 12 x/fc ${other} https://example.com/x\n`,
      `jailer 755 ${sum} - - - https://example.com/x\n`,
      `vmlinux 644 ${sum} - - - https://example.com/x\n`,
      `disk 644 ${sum} - - - https://example.com/x\n`,
    ].join(""),
    "amd64.gate": [
      ...["kernel vmlinux", "rootfs disk", "expect as init process", "seconds 60", "mode KVM"],
      ...["vmm firecracker", "memory 128", "arguments console=ttyS0 reboot=k panic=1 pci=off", ""],
    ].join("\n"),
    "arm64.table": `vmlinux 644 ${sum} - - - https://example.com/x\n`,
    "arm64.gate": [
      ...["kernel vmlinux", "rootfs rootfs.ext4", "expect login:", "seconds 60", "mode TCG"],
      ...["word qemu", "word -kernel", "word @kernel@", ""],
    ].join("\n"),
  });
});

test("neither where a file comes from nor its gate makes another set", () => {
  const plain: AssetSet = { amd64: { kernel: file } };
  const more: AssetSet = {
    amd64: { kernel: { ...file, sizeBytes: 5 }, gate: { command: ["x"] } },
    mirrors: ["http://mirror"],
  };
  expect(assetSetId(more)).toBe(assetSetId(plain));
});

const kernel = (change: object): any => ({ amd64: { kernel: { ...file, ...change } } });
const gate = (change: object): any => ({
  amd64: { kernel: file, gate: { command: ["x"], ...change } },
});
const mirrors = (...given: string[]): any => ({ amd64: { kernel: file }, mirrors: given });

test.each([
  [
    "a good mirror of each kind",
    mirrors("https://a/b", "http://a:80", "/a/b", "nfs://a/b", "claim://a"),
    [],
  ],
  ["a mirror with credentials", mirrors("https://u:p@a/b"), ["assets.mirrors[0]"]],
  ["a mirror of another scheme", mirrors("/a", "ftp://a/b"), ["assets.mirrors[1]"]],
  ["a mirror with a question", mirrors("https://a/b?c"), ["assets.mirrors[0]"]],
  ["a relative folder", mirrors("a/b"), ["assets.mirrors[0]"]],
  ["a member's sum alone", kernel({ memberSha256: other }), ["assets.amd64.kernel.memberSha256"]],
  [
    "a member's short sum",
    kernel({ archiveMember: "x", memberSha256: "b" }),
    ["assets.amd64.kernel.memberSha256"],
  ],
  ["half a byte", kernel({ sizeBytes: 0.5 }), ["assets.amd64.kernel.sizeBytes"]],
  ["no bytes", kernel({ sizeBytes: 0 }), ["assets.amd64.kernel.sizeBytes"]],
  ["a gate without a VMM", gate({ command: undefined }), ["assets.amd64.gate.command"]],
  ["an empty command", gate({ command: [] }), ["assets.amd64.gate.command"]],
  [
    "two lines",
    gate({ command: ["x", "a\nb"], expect: "a\nb" }),
    ["assets.amd64.gate.expect", "assets.amd64.gate.command[1]"],
  ],
  ["expecting nothing", gate({ expect: "" }), ["assets.amd64.gate.expect"]],
  ["quotes", gate({ kernelArguments: 'a="b"' }), ["assets.amd64.gate.kernelArguments"]],
  ["no time", gate({ seconds: 0 }), ["assets.amd64.gate.seconds"]],
  ["little memory", gate({ memoryMib: 8 }), ["assets.amd64.gate.memoryMib"]],
] as [string, any, string[]][])("faults of %s", (_, set, paths) => {
  expect(assetSetFaults("assets", set).map(({ path: at }) => at)).toEqual(paths);
});

test("a script with its tables in it installs by hand and leaves no tables behind", async () => {
  const mirror = path.join(host.home, "mirror");
  const temporary = path.join(host.home, "temporary");
  for (const folder of [mirror, temporary]) fs.mkdirSync(folder);
  fs.writeFileSync(path.join(mirror, sha256("kernel $HOME `id`\n")), "kernel $HOME `id`\n");
  const set: AssetSet = {
    amd64: { kernel: { ...file, sha256: sha256("kernel $HOME `id`\n"), sizeBytes: 18 } },
    mirrors: [mirror],
  };
  const script = installerScript(set, {
    assetsRoot: "/srv/nowhere",
    doctorPolicy: { swap: "off" },
  });
  const run = async (command: string, extra: Record<string, string> = {}) => {
    const env = host.environment({ TMPDIR: temporary, FILES: "/nowhere", ...extra });
    const child = spawn("sh", ["-s", "--", command], { env, detached: true });
    child.stdin.end(script);
    return ended(child);
  };
  host.kernel("proc/swaps", "Filename\n/swapfile file\n");
  expect(JSON.parse((await run("doctor")).stdout).findings).toEqual([]);
  const { code, stderr } = await run("install");
  expect(code === 0 ? "ended well" : stderr).toBe("ended well");
  expect(host.installed().current).toBe(`-> versions/${assetSetId(set)}`);
  expect(fs.readdirSync(temporary)).toEqual([]);
  // What it left is what a pod expects: that one has nothing to do.
  host.mount(set);
  fs.rmSync(mirror, { recursive: true });
  expect(await host.run("install")).toMatchObject({ code: 0 });
});

test("what cannot be rendered says why", () => {
  expect(() => installerScript({})).toThrow("an asset set for no architecture");
  expect(() => installerScript(mirrors("nfs://a/b"))).toThrow(
    "assets.mirrors[0]: only a pod mounts it",
  );
  expect(() => installerScript(kernel({}), { assetsRoot: "/a b" })).toThrow("assetsRoot");
  const policy = (doctorPolicy: Record<string, string>) => () =>
    installerScript(kernel({}), { doctorPolicy });
  expect(policy({ smt: "bad" })).toThrow('doctorPolicy.smt: no severity, got "bad"');
  expect(policy({ "smt fatal\nksm": "off" })).toThrow("no finding of the doctor's");
  expect(policyTable({ smt: "fatal", ksm: "off" })).toEqual({
    "doctor.policy": "smt fatal\nksm off\n",
  });
});

test("without a command, or without tables, it says what is missing", async () => {
  const none = await host.run("nothing");
  expect(none).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("usage: provision.sh COMMAND"),
  });
  const { code, stderr } = await host.run("install");
  expect(code).toBe(1);
  expect(stderr).toContain("asset-set names no asset set");
});

test("an image without its tools is told so by name, before anything is touched", async () => {
  const bin = path.join(host.home, "bin");
  fs.mkdirSync(bin);
  const tools = "sh cat uname awk curl sed setsid sha256sum stat tar tee timeout".split(" ");
  for (const tool of tools) {
    const found = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    fs.symlinkSync(found, path.join(bin, tool));
  }
  const { code, stderr } = await host.run("install", { PATH: bin });
  expect(code).toBe(1);
  expect(stderr).toBe("provision: there is no flock sync: the image or host has to have them\n");
  expect(host.installed()).toEqual({});
});
