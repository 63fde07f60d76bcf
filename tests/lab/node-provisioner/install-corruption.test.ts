import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import { sha256 } from "../../unit/components/node-provisioner/script/ended";
import {
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";

let host: PretendedHost;
let folders = 0;
let before: Record<string, string>;

/** A folder that holds one file under the sum of another. */
function mirrorOf(sum: string, content: Buffer): string {
  const folder = path.join(host.home, `mirror-${String(folders++)}`);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, sum), content);
  return folder;
}

const artefact = (content: Buffer, extra = {}) => ({
  ...{ url: "https://nowhere.invalid/file", sha256: sha256(content), sizeBytes: content.length },
  ...extra,
});

const bounds = { PROVE: "no", CONNECT_SECONDS: "1" };

/** The state of a host that has a good version, which nothing here may change. */
beforeEach(async () => {
  host = pretendedHost();
  const content = Buffer.from("good\n");
  const set = {
    amd64: { kernel: artefact(content) },
    mirrors: [mirrorOf(sha256(content), content)],
  };
  host.mount(set);
  expect(await host.run("install", bounds)).toMatchObject({ code: 0 });
  before = host.installed();
});
afterEach(() => {
  host.remove();
});

/** Random numbers that are the same in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

function expectUnchanged(): void {
  const after = host.installed();
  for (const [name, text] of Object.entries(before)) {
    if (name !== ".lock") expect([name, after[name]]).toEqual([name, text]);
  }
  const more = Object.keys(after).filter((name) => before[name] === undefined);
  // An archive whose own sum is right may stay as an object, and what is being assembled for the next run: neither is a
  // part of a version.
  expect(more.filter((name) => !/^(objects|versions\/\.partial-assets-\w+)\//.test(name))).toEqual(
    [],
  );
}

/** Every corrupted copy of a file is offered, one after the other; each must be refused for its sum. */
async function expectAllRefused(content: Buffer, copies: Buffer[]): Promise<void> {
  expect(copies.every((copy) => !copy.equals(content))).toBe(true);
  const file = artefact(content);
  const mirrors = copies.map((copy) => mirrorOf(file.sha256, copy));
  host.mount({ amd64: { kernel: file }, mirrors });
  const { code, stderr } = await host.run("install", bounds);
  expect(code).toBe(1);
  expect(stderr.match(/it has SHA-256 [0-9a-f]{64}, wanted/g)).toHaveLength(copies.length);
  expectUnchanged();
}

const content = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7) % 256));

test("420 copies with one wrong bit", async () => {
  const random = generator(1);
  const copies = Array.from({ length: 420 }, () => {
    const copy = Buffer.from(content);
    const at = random(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    return copy;
  });
  await expectAllRefused(content, copies);
});

test("200 copies that end too early or too late", async () => {
  const cut = Array.from({ length: 150 }, (_, index) => content.subarray(0, index * 2));
  const longer = Array.from({ length: 50 }, (_, index) =>
    Buffer.concat([content, Buffer.alloc(index + 1)]),
  );
  await expectAllRefused(content, [...cut, ...longer]);
});

test("150 copies with two blocks exchanged, and 50 other files", async () => {
  const random = generator(2);
  const swapped = Array.from({ length: 150 }, () => {
    const copy = Buffer.from(content);
    const [one, two] = [random(140), 150 + random(140)];
    content.copy(copy, one, two, two + 10);
    content.copy(copy, two, one, one + 10);
    return copy;
  });
  const others = Array.from({ length: 50 }, (_, index) => Buffer.from(`file ${String(index)}`));
  await expectAllRefused(content, [...swapped, ...others]);
});

test("150 damaged archives, and 4 files that bear each other's names", async () => {
  const random = generator(3);
  const archive = tarball([{ name: "fc", content: "vmm" }]);
  const copies = Array.from({ length: 150 }, () => {
    const copy = Buffer.from(archive);
    const at = random(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    return copy;
  });
  await expectAllRefused(archive, copies);
  const files = ["vmm", "jailer", "kernel", "rootfs"].map((name) => Buffer.from(name));
  const mirror = path.join(host.home, "swapped");
  fs.mkdirSync(mirror);
  files.forEach((file, index) => {
    fs.writeFileSync(path.join(mirror, sha256(files[(index + 1) % 4] ?? file)), file);
  });
  const [vmm, jailer, kernel, rootfs] = files.map((file) => artefact(file));
  if (!vmm || !jailer || !kernel || !rootfs) throw new Error("four files");
  host.mount({ amd64: { vmm, jailer, kernel, rootfs }, mirrors: [mirror] });
  expect(await host.run("install", bounds)).toMatchObject({ code: 1 });
  expectUnchanged();
});

interface Entry {
  name: string;
  content?: string;
  /** As in the header: "0" a file, "1" a hard link, "2" a symbolic link, "3" a device, "5" a folder, "6" a pipe. */
  type?: string;
  target?: string;
}

/** A gzipped tar archive of exactly these entries, as no tar would make some of them. */
function tarball(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, content = "", type = "0", target = "" }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0" + "0000000\0" + "0000000\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0        ", 136);
    header.write(type, 156);
    header.write(target, 157);
    header.write("ustar\0" + "00root\0", 257);
    header.write("root\0", 297);
    const checksum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const good = { name: "fc", content: "vmm" };
const outside = { name: "../../outside", content: "evil" };

const archives: [string, Buffer, RegExp][] = [
  ["has no such member", tarball([{ name: "another", content: "x" }]), /holds no fc/],
  ["has it in a folder", tarball([{ name: "x/fc", content: "x" }]), /holds no fc/],
  ["has it twice", tarball([good, { ...good, content: "evil" }]), /holds 2 fc/],
  ["is empty", tarball([]), /holds no fc|cannot be read/],
  ["has an empty one", tarball([{ name: "fc" }]), /is empty/],
  ["has another content", tarball([{ ...good, content: "evil" }]), /has SHA-256 .*, wanted/],
  [
    "has a symbolic link",
    tarball([{ name: "fc", type: "2", target: "/bin/sh" }]),
    /something else/,
  ],
  [
    "has a hard link",
    tarball([
      { name: "other", content: "x" },
      { name: "fc", type: "1", target: "other" },
    ]),
    /something else/,
  ],
  [
    "has a hard link to what lies outside",
    tarball([{ name: "fc", type: "1", target: "/etc/passwd" }]),
    /something else|leads out/,
  ],
  ["has a folder of that name", tarball([{ name: "fc", type: "5" }]), /no fc|something else/],
  ["has a device", tarball([{ name: "fc", type: "3" }]), /something else|no fc/],
  ["has a pipe", tarball([{ name: "fc", type: "6" }]), /something else|no fc/],
  [
    "has links to the member, but not the member",
    tarball([
      { name: "x", type: "2", target: "fc" },
      { name: "y", type: "2", target: "fc" },
    ]),
    /holds no fc/,
  ],
  ["leads out of its folder", tarball([outside, good]), /leads out/],
  ["leads out with the member itself", tarball([{ name: "../fc", content: "vmm" }]), /leads out/],
  ["leads out from within", tarball([{ name: "a/../../b", content: "x" }, good]), /leads out/],
  ["has absolute names", tarball([{ name: "/etc/evil", content: "x" }, good]), /leads out/],
  ["is no archive", Buffer.from("not an archive at all"), /cannot be read/],
  ["is not compressed", Buffer.alloc(2048, "fc"), /cannot be read/],
  ["ends in the middle", tarball([good]).subarray(0, 60), /cannot be read/],
];

test.each(archives)("an archive that %s", async (_, archive, line) => {
  const member = { archiveMember: "fc", memberSha256: sha256("vmm") };
  const file = artefact(archive, member);
  host.mount({ amd64: { kernel: file }, mirrors: [mirrorOf(file.sha256, archive)] });
  const { code, stderr } = await host.run("install", bounds);
  expect(code).toBe(1);
  expect(stderr).toMatch(line);
  expectUnchanged();
  expect(fs.existsSync(path.join(host.home, "outside"))).toBe(false);
});

test("20 damaged objects on the disk are found before anything links to them", async () => {
  const random = generator(4);
  const files = ["vmm", "jailer", "kernel", "rootfs"].map((name) => Buffer.from(`a ${name}\n`));
  const [vmm, jailer, kernel, rootfs] = files.map((file) => artefact(file));
  if (!vmm || !jailer || !kernel || !rootfs) throw new Error("four files");
  const set: AssetSet = { amd64: { vmm, jailer, kernel, rootfs } };
  host.mount({ ...set, mirrors: ["/nowhere"] });
  for (let round = 0; round < 20; round++) {
    files.forEach((file, index) => {
      const copy = Buffer.from(file);
      const at = random(copy.length);
      if (index === round % 4) copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      fs.writeFileSync(path.join(host.root, "objects", sha256(file)), copy);
    });
    const { code, stderr } = await host.run("install", bounds);
    expect(code).toBe(1);
    expect(stderr).toContain(`object ${sha256(files[round % 4] ?? "")} is damaged on disk`);
    expectUnchanged();
    expect(fs.existsSync(path.join(host.root, "versions", assetSetId(set)))).toBe(false);
  }
});
