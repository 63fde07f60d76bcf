import * as fs from "node:fs";
import * as path from "node:path";

/** One member of an archive. Owner is root, time is the epoch's begin: the same content gives the same bytes. */
export type TarEntry = { path: string; mode: number } & (
  | { kind: "folder" }
  | { kind: "link"; target: string }
  | { kind: "file"; content: Buffer }
  | { kind: "file"; source: string; size: number }
);

/** Where the bytes go. */
export type Sink = (bytes: Buffer) => void;

const BLOCK = 512;
const CHUNK = 1 << 20;
const KINDS = { file: "0", link: "2", folder: "5" } as const;

/** Writes an archive in the POSIX format (ustar, pax headers for long names), in the order given. */
export function writeTar(entries: Iterable<TarEntry>, sink: Sink): void {
  for (const entry of entries) {
    for (const block of headers(entry)) sink(block);
    if (entry.kind === "file") {
      writeContent(entry, sink);
      sink(padding(sizeOf(entry)));
    }
  }
  sink(Buffer.alloc(2 * BLOCK));
}

/** What lies in a folder, sorted by path, folders before what is in them; sockets and devices are left out. */
export function folderEntries(root: string): TarEntry[] {
  const walk = (folder: string): TarEntry[] =>
    fs
      .readdirSync(path.join(root, folder))
      .sort(byBytes)
      .flatMap((name) => {
        const inside = folder === "" ? name : `${folder}/${name}`;
        const entry = entryOf(root, inside);
        if (entry === undefined) return [];
        return entry.kind === "folder" ? [entry, ...walk(inside)] : [entry];
      });
  return walk("");
}

function entryOf(root: string, inside: string): TarEntry | undefined {
  const source = path.join(root, inside);
  const stat = fs.lstatSync(source);
  const mode = stat.mode & 0o7777;
  if (stat.isDirectory()) return { path: inside, mode, kind: "folder" };
  if (stat.isSymbolicLink()) {
    return { path: inside, mode: 0o777, kind: "link", target: fs.readlinkSync(source) };
  }
  if (!stat.isFile()) return undefined;
  return { path: inside, mode, kind: "file", source, size: stat.size };
}

// Not by locale: two machines must agree.
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sizeOf(entry: TarEntry): number {
  if (entry.kind !== "file") return 0;
  return "content" in entry ? entry.content.length : entry.size;
}

function headers(entry: TarEntry): Buffer[] {
  const name = entry.kind === "folder" ? `${entry.path}/` : entry.path;
  const target = entry.kind === "link" ? entry.target : "";
  const records = [
    ...(Buffer.byteLength(name) > 100 ? [paxRecord("path", name)] : []),
    ...(Buffer.byteLength(target) > 100 ? [paxRecord("linkpath", target)] : []),
  ];
  const own = header(name, target, entry.mode, sizeOf(entry), KINDS[entry.kind]);
  if (records.length === 0) return [own];
  const extended = Buffer.from(records.join(""));
  const pax = header("PaxHeaders/long", "", 0o644, extended.length, "x");
  return [pax, extended, padding(extended.length), own];
}

function header(name: string, target: string, mode: number, size: number, kind: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(cut(name), 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(" ".repeat(8), 148);
  block.write(kind, 156);
  block.write(cut(target), 157);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

// A longer name stands in full in the pax header before it.
function cut(name: string): string {
  return Buffer.byteLength(name) <= 100
    ? name
    : Buffer.from(name).subarray(0, 99).toString("latin1");
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, "0")}\0`;
}

// A record begins with its own length, in decimal, which counts itself.
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function writeContent(entry: TarEntry & { kind: "file" }, sink: Sink): void {
  if ("content" in entry) {
    sink(entry.content);
    return;
  }
  const file = fs.openSync(entry.source, "r");
  try {
    let left = entry.size;
    while (left > 0) {
      const chunk = Buffer.alloc(Math.min(CHUNK, left));
      const read = fs.readSync(file, chunk, 0, chunk.length, null);
      if (read === 0) throw new Error(`${entry.source} became shorter while it was read`);
      sink(chunk.subarray(0, read));
      left -= read;
    }
  } finally {
    fs.closeSync(file);
  }
}
