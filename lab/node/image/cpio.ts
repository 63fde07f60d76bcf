/** One member of an initial root file system. */
export type CpioEntry = { path: string; mode: number } & (
  | { kind: "file"; content: Buffer }
  | { kind: "folder" }
  | { kind: "device"; major: number; minor: number }
);

// The kinds of inode(7), as the kernel's unpacker knows them.
const KINDS = { file: 0o100000, folder: 0o040000, device: 0o020000 } as const;

/**
 * An initial root file system for a kernel: an archive in the "newc" format, not compressed, the same bytes for the
 * same content. Source: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
 */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const members = entries.map((entry, at) => member(entry, at + 1));
  return Buffer.concat([...members, trailer()]);
}

function member(entry: CpioEntry, inode: number): Buffer {
  const content = entry.kind === "file" ? entry.content : Buffer.alloc(0);
  const device = entry.kind === "device" ? [entry.major, entry.minor] : [0, 0];
  const fields = [
    ...[inode, KINDS[entry.kind] | entry.mode, 0, 0, entry.kind === "folder" ? 2 : 1, 0],
    ...[content.length, 0, 0, ...device],
  ];
  return Buffer.concat([header(fields, entry.path), aligned(content)]);
}

function trailer(): Buffer {
  return header([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], "TRAILER!!!");
}

function header(fields: readonly number[], name: string): Buffer {
  const numbers = [...fields, Buffer.byteLength(name) + 1, 0];
  const text = numbers.map((value) => value.toString(16).padStart(8, "0")).join("");
  return aligned(Buffer.from(`070701${text}${name}\0`));
}

function aligned(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
