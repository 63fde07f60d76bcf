import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cpioArchive } from "../../../../../lab/node/image/cpio";
import { folderEntries, type TarEntry, writeTar } from "../../../../../lab/node/image/tar";

// Of the archive of one file, worked out once with another implementation (Python).
const GOLDEN_TAR = "ed7efe66bc01ab9209154e9726e63dbcc629523c0918500184b659118032d390";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-tar-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function archiveOf(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  writeTar(entries, (bytes) => parts.push(Buffer.from(bytes)));
  return Buffer.concat(parts);
}
const file = (at: string, content: string, mode = 0o644): TarEntry => ({
  ...{ path: at, mode, kind: "file", content: Buffer.from(content) },
});
const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("tar(1) unpacks what was written: contents, modes, links, names longer than a header holds", () => {
  const long = `${"deep/".repeat(40)}file`;
  const link: TarEntry = { path: "link", mode: 0o777, kind: "link", target: `../${long}` };
  const entries = [
    { path: "bin", mode: 0o755, kind: "folder" } satisfies TarEntry,
    file("bin/tool", "#!/bin/sh\n", 0o4755),
    file(long, "deep"),
    file("empty", ""),
    file("blöck", "x".repeat(512)),
    link,
  ];
  fs.mkdirSync(path.join(folder, "out"));
  fs.writeFileSync(path.join(folder, "a.tar"), archiveOf(entries));
  execFileSync("tar", ["-xpf", "../a.tar"], { cwd: path.join(folder, "out") });
  const out = (name: string) => path.join(folder, "out", name);
  expect(fs.readFileSync(out("bin/tool"), "utf8")).toBe("#!/bin/sh\n");
  expect(fs.statSync(out("bin/tool")).mode & 0o7777).toBe(0o4755);
  expect(fs.readFileSync(out(long), "utf8")).toBe("deep");
  expect(fs.readFileSync(out("empty"), "utf8")).toBe("");
  expect(fs.readFileSync(out("blöck"), "utf8")).toBe("x".repeat(512));
  expect(fs.readlinkSync(out("link"))).toBe(`../${long}`);
});

test("the same content gives the same bytes, whenever and in whatever order it was written", () => {
  const make = (names: readonly string[], at: string) => {
    fs.mkdirSync(path.join(folder, at, "sub"), { recursive: true });
    for (const name of names) {
      fs.writeFileSync(path.join(folder, at, name), name, { mode: 0o644 });
      fs.utimesSync(path.join(folder, at, name), Math.random() * 1e9, 1);
    }
    fs.symlinkSync("sub", path.join(folder, at, "link"));
    fs.chmodSync(path.join(folder, at, "sub"), 0o755);
    return archiveOf(folderEntries(path.join(folder, at)));
  };
  const first = make(["b", "a", "sub/z", "sub-y"], "one");
  const second = make(["sub-y", "sub/z", "a", "b"], "two");
  expect(hash(first)).toBe(hash(second));
  expect(folderEntries(path.join(folder, "one")).map((entry) => entry.path)).toEqual([
    "a",
    "b",
    "link",
    "sub",
    "sub/z",
    "sub-y",
  ]);
});

test("an archive has exactly these bytes", () => {
  const archive = archiveOf([file("hello", "world\n")]);
  expect(archive.length).toBe(2048);
  expect(hash(archive)).toBe(GOLDEN_TAR);
});

test("a file that shrinks while it is read is no archive", () => {
  const source = path.join(folder, "short");
  fs.writeFileSync(source, "abc");
  const entry: TarEntry = { path: "short", mode: 0o644, kind: "file", source, size: 10 };
  expect(() => archiveOf([entry])).toThrow(/became shorter/);
});

test("an initial root file system: header fields in hexadecimal, everything aligned to four bytes, a trailer", () => {
  const archive = cpioArchive([
    { path: "dev", mode: 0o755, kind: "folder" },
    { path: "dev/console", mode: 0o600, kind: "device", major: 5, minor: 1 },
    { path: "init", mode: 0o755, kind: "file", content: Buffer.from("#!") },
  ]);
  const text = archive.toString("latin1");
  expect(archive.length % 4).toBe(0);
  expect(text.match(/070701/g)).toHaveLength(4);
  // Inode 2, a device that only its owner may use, 5:1, a name of 12 bytes with its end.
  const zeros = "0".repeat(8);
  const fields = ["00000002", "00002180", zeros, zeros, "00000001", zeros, zeros, zeros, zeros];
  expect(text).toContain(`070701${fields.join("")}00000005000000010000000c${zeros}dev/console\0`);
  expect(text).toMatch(/init\0\0#!\0\0/);
  expect(text).toMatch(/TRAILER!!!\0+$/);
});
