import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { assetSetId, type AssetSet } from "../../../../components/node-provisioner/asset-set";
import { INSTALL_SCRIPT } from "../../../../components/node-provisioner/install-script";
import { REPORT_SCRIPT } from "../../../../components/node-provisioner/report-script";
import { fakeNode, listing, sha256, type FakeNode } from "./script-run";

jest.setTimeout(60_000);

let node: FakeNode;
beforeEach(() => {
  node = fakeNode();
});
afterEach(() => {
  node.remove();
});

/** The same four files for both architectures, so that the test runs on either. */
function publishSet(version: string): AssetSet {
  const assets = {
    vmm: node.publish(`firecracker-${version}`, `vmm ${version}\n`),
    jailer: node.publish(`jailer-${version}`, `jailer ${version}\n`),
    kernel: node.publish(`vmlinux-${version}`, `kernel ${version}\n`),
    rootfs: node.publish(`rootfs-${version}`, `rootfs ${version}\n`),
  };
  return { amd64: assets, arm64: assets };
}

function expectInstalled(version: string, set: AssetSet): void {
  const id = assetSetId(set);
  const folder = `versions/${id}`;
  const files = listing(node.host);
  expect(files.current).toBe(`-> ${folder}`);
  expect(files[`${folder}/firecracker`]).toBe(`vmm ${version}\n`);
  expect(files[`${folder}/jailer`]).toBe(`jailer ${version}\n`);
  expect(files[`${folder}/vmlinux`]).toBe(`kernel ${version}\n`);
  expect(files[`${folder}/rootfs.ext4`]).toBe(`rootfs ${version}\n`);
}

const isShellcheckHere = fs.existsSync("/usr/bin/shellcheck");
(isShellcheckHere ? test : test.skip)("shellcheck finds nothing in either script", () => {
  for (const script of [INSTALL_SCRIPT, REPORT_SCRIPT]) {
    execFileSync("shellcheck", ["--shell=sh", "-"], { input: script });
  }
});

describe("a node that can run KVM", () => {
  test("gets the whole set, a manifest, a link to it and a proof; nothing else stays", async () => {
    const set = publishSet("1");
    const id = assetSetId(set);
    const { code, stderr } = await node.install(set);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expectInstalled("1", set);
    const sums = [
      ["firecracker", "vmm 1\n"],
      ["jailer", "jailer 1\n"],
      ["vmlinux", "kernel 1\n"],
      ["rootfs.ext4", "rootfs 1\n"],
    ].map(([name = "", content = ""]) => [name, sha256(content)] as const);
    const files = listing(node.host);
    expect(Object.keys(files)).toEqual(
      [
        ".lock",
        "current",
        ...["SHA256SUMS", "firecracker", "jailer", "manifest.json", "rootfs.ext4", "vmlinux"].map(
          (name) => `versions/${id}/${name}`,
        ),
      ].sort(),
    );
    expect(JSON.parse(files[`versions/${id}/manifest.json`] ?? "")).toEqual({
      assetSet: id,
      machine: execFileSync("uname", ["-m"]).toString().trim(),
      files: Object.fromEntries(sums.map(([name, sum]) => [name, `sha256:${sum}`])),
    });
    expect(listing(node.proof)).toEqual({
      "asset-set": `${id}\n`,
      "boot-id": "boot-1\n",
      sums: sums.map(([name, sum]) => `${sum}  ${name}\n`).join(""),
    });
    const modeOf = (name: string) =>
      (fs.statSync(path.join(node.host, "versions", id, name)).mode & 0o777).toString(8);
    expect([modeOf("firecracker"), modeOf("jailer"), modeOf("vmlinux")]).toEqual([
      "755",
      "755",
      "644",
    ]);
  });

  test("downloads over https alone, with verified certificates and limits", async () => {
    await node.install(publishSet("1"));
    for (const call of node.calls()) {
      expect(call).toMatch(
        /--fail .*--proto =https --proto-redir =https --tlsv1\.2 .*--speed-time/,
      );
      expect(call).not.toMatch(/insecure|(^| )-k/);
    }
    expect(node.calls()).toHaveLength(4);
  });

  test("is left as it is by a second run, without a download", async () => {
    const set = publishSet("1");
    await node.install(set);
    const before = listing(node.host);
    expect((await node.install(set)).code).toBe(0);
    expect(listing(node.host)).toEqual(before);
    expect(node.calls()).toHaveLength(4);
  });

  test("keeps the version before, and goes back to it without a download", async () => {
    const [one, two] = [publishSet("1"), publishSet("2")];
    for (const [version, set] of [
      ["1", one],
      ["2", two],
      ["1", one],
    ] as const) {
      expect((await node.install(set)).code).toBe(0);
      expectInstalled(version, set);
    }
    expect(node.calls()).toHaveLength(8);
  });

  test("gets single files out of an archive that is fetched once", async () => {
    const folder = fs.mkdtempSync(path.join(node.root, "release-"));
    fs.writeFileSync(path.join(folder, "fc"), "vmm");
    fs.writeFileSync(path.join(folder, "jail"), "jailer");
    const archive = execFileSync("tar", ["-czf", "-", "-C", folder, "fc", "jail"]);
    const release = node.publish("release.tgz", archive);
    const kernel = node.publish("vmlinux", "kernel");
    const assets = {
      vmm: { ...release, archiveMember: "fc" },
      jailer: { ...release, archiveMember: "jail" },
      kernel,
      rootfs: node.publish("rootfs", "rootfs"),
    };
    const set = { amd64: assets, arm64: assets };
    expect((await node.install(set)).code).toBe(0);
    const files = listing(node.host);
    expect(files[`versions/${assetSetId(set)}/firecracker`]).toBe("vmm");
    expect(files[`versions/${assetSetId(set)}/jailer`]).toBe("jailer");
    expect(node.calls()).toHaveLength(3);
    expect((await node.install(set)).code).toBe(0);
    expect(node.calls()).toHaveLength(3);
  });

  test("damaged files of any kind are replaced by whole ones", async () => {
    const set = publishSet("1");
    await node.install(set);
    const folder = path.join(node.host, "versions", assetSetId(set));
    const names = ["firecracker", "jailer", "vmlinux", "rootfs.ext4", "SHA256SUMS"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(4),
        fc.constantFrom("flip", "truncate", "remove", "extend"),
        async (name, position, damage) => {
          const file = path.join(folder, name);
          const content = fs.readFileSync(file);
          if (damage === "flip") content[position] = (content[position] ?? 0) ^ 1;
          if (damage === "remove") fs.rmSync(file);
          else if (damage === "truncate") fs.writeFileSync(file, content.subarray(0, position));
          else fs.writeFileSync(file, damage === "extend" ? `${content.toString()}x` : content);
          expect((await node.install(set)).code).toBe(0);
          expectInstalled("1", set);
        },
      ),
      { numRuns: 12 },
    );
  });

  test("a manifest that names another set's files does not make them right", async () => {
    const [one, two] = [publishSet("1"), publishSet("2")];
    await node.install(one);
    const versions = path.join(node.host, "versions");
    fs.renameSync(path.join(versions, assetSetId(one)), path.join(versions, assetSetId(two)));
    expect((await node.install(two)).code).toBe(0);
    expectInstalled("2", two);
  });

  test("ten runs at once leave one whole version; those that lose say why", async () => {
    const set = publishSet("1");
    node.mount(set);
    const ends = await Promise.all(Array.from({ length: 10 }, () => node.install(set)));
    expect(ends.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
    for (const { code, stderr } of ends) {
      if (code !== 0)
        expect(stderr).toBe("install: another installer works on this node; trying again later\n");
    }
    expectInstalled("1", set);
    expect(Object.keys(listing(node.host)).filter((name) => name.includes("/."))).toEqual([]);
  });
});

describe("a node is not proven", () => {
  const expectUnproven = () => {
    expect(listing(node.proof)["asset-set"]).toBeUndefined();
  };

  test("where the device is missing, is a plain file, or does not open", async () => {
    const set = publishSet("1");
    await node.install(set);
    const plain = path.join(node.root, "kvm");
    fs.writeFileSync(plain, "");
    for (const device of [path.join(node.root, "none"), plain]) {
      const { code, stderr } = await node.install(set, { KVM_DEVICE: device });
      expect(code).toBe(1);
      expect(stderr).toContain(`${device} is no character device`);
      expectUnproven();
    }
    expect(fs.existsSync(path.join(node.root, "none"))).toBe(false);
  });

  test("where a download has another sum: nothing is installed, the older version stays", async () => {
    const one = publishSet("1");
    await node.install(one);
    const two = publishSet("2");
    node.publish("vmlinux-2", "something else");
    const before = listing(node.host);
    const { code, stderr } = await node.install(two);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `https://web/vmlinux-2 has SHA-256 ${sha256("something else")}, wanted ${sha256("kernel 2\n")}`,
    );
    expectUnproven();
    const after = listing(node.host);
    for (const [name, content] of Object.entries(before)) expect(after[name]).toBe(content);
    expect(Object.keys(after).some((name) => name.startsWith(`versions/${assetSetId(two)}`))).toBe(
      false,
    );
  });

  test("where a download fails; the next run fetches only what is missing", async () => {
    const set = publishSet("1");
    fs.rmSync(path.join(node.root, "web/rootfs-1"));
    const { code, stderr } = await node.install(set);
    expect(code).toBe(1);
    expect(stderr).toContain("cannot download https://web/rootfs-1");
    expectUnproven();
    publishSet("1");
    expect((await node.install(set)).code).toBe(0);
    expectInstalled("1", set);
    expect(node.calls()).toHaveLength(5);
  });

  test("where the archive lacks a file", async () => {
    const release = node.publish("r.tgz", execFileSync("tar", ["-czf", "-", "-T", "/dev/null"]));
    const kernel = { ...release, archiveMember: "boot/vmlinux" };
    const set = { amd64: { kernel }, arm64: { kernel } };
    const { code, stderr } = await node.install(set);
    expect(code).toBe(1);
    expect(stderr).toContain("https://web/r.tgz holds no boot/vmlinux");
    expectUnproven();
  });

  test("where the set has nothing for its architecture", async () => {
    const kernel = node.publish("vmlinux", "kernel");
    const here = process.arch === "x64" ? "arm64" : "amd64";
    const { code, stderr } = await node.install({ [here]: { kernel } });
    expect(code).toBe(1);
    expect(stderr).toContain("has no files for machines of type");
    expectUnproven();
  });

  test("by scripts of another asset set than the pod's", async () => {
    const { code, stderr } = await node.install(publishSet("1"), {
      KVM_FABRIC_ASSET_SET: "assets-x",
    });
    expect(code).toBe(1);
    expect(stderr).toContain("belong to another asset set");
    expectUnproven();
  });
});
