import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../../lab-error";
import { madeOnce } from "../../made-once";
import { debianTree, treeKey } from "../debian";
import { cpioArchive, type CpioEntry } from "../image/cpio";

const PACKAGES = ["busybox-static", "diod", "e2fsprogs"];
/** Programs that are not busybox's, by their place in the packages. */
const PROGRAMS = ["usr/sbin/diod", "sbin/mke2fs", "sbin/resize2fs"];
/** Debian's whole kernel: the one for virtual machines has no client of 9P, which workers' guests use. */
const KERNEL_PACKAGES = ["linux-image-amd64"];
const LOADER = "lib64/ld-linux-x86-64.so.2";
/** Modules of the kernel, in the order in which they are loaded; what a kernel has built in is passed by. */
const MODULES = [
  ...["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"],
  ...["failover", "net_failover", "virtio_net", "virtio_blk", "button", "evdev"],
  ...["crc16", "crc32c_generic", "libcrc32c", "mbcache", "jbd2", "ext4"],
  ...["netfs", "fscache", "9pnet", "9pnet_fd", "9p"],
];
/** What the guest does in another role than Queen's, by the role. */
const ROLES = path.join(__dirname, "roles");

/** What the lab's Queen boots from. */
export interface QueenGuestFiles {
  /** Path of a compressed kernel. */
  kernel: string;
  /** Path of an initial root file system. */
  initramfs: string;
}

/**
 * Kernel and initial root file system of a Queen: Linux with diod, whose disk is the first virtio device. The role on the
 * kernel's command line makes a worker's guest of the same files. Kept in the cache.
 * Errors: LabError where the packages cannot be had, or on another machine than x86_64.
 */
export async function queenGuest(cache: string): Promise<QueenGuestFiles> {
  if (process.arch !== "x64") throw new LabError("the lab's Queen runs on x86_64 alone");
  const init = fs.readFileSync(path.join(__dirname, "init"));
  const key = createHash("sha256").update(treeKey([...PACKAGES, ...KERNEL_PACKAGES]));
  key.update(fs.readFileSync(__filename)).update(init);
  for (const [name, content] of roles()) key.update(name).update(content);
  const folder = path.join(cache, "guests", key.digest("hex").slice(0, 16));
  await madeOnce(folder, "the lab's Queen", async (partial) => {
    const tree = await debianTree(cache, PACKAGES);
    const kernelTree = await debianTree(cache, KERNEL_PACKAGES, ["boot", "lib"]);
    const boot = path.join(kernelTree, "boot");
    const [kernel] = fs.readdirSync(boot).filter((name) => name.startsWith("vmlinuz-"));
    if (kernel === undefined) throw new LabError(`${KERNEL_PACKAGES.join(", ")} has no kernel`);
    fs.copyFileSync(path.join(boot, kernel), path.join(partial, "vmlinuz"));
    const archive = cpioArchive(entries(tree, modulesOf(kernelTree), init));
    fs.writeFileSync(path.join(partial, "initramfs"), archive);
  });
  return { kernel: path.join(folder, "vmlinuz"), initramfs: path.join(folder, "initramfs") };
}

function entries(tree: string, modules: Map<string, Buffer>, init: Buffer): CpioEntry[] {
  const folders = ["bin", "dev", "etc", "lib", "lib64", "lib/modules", "roles", "sbin"];
  const file = (at: string, content: Buffer, mode = 0o755): CpioEntry => {
    return { path: at, mode, kind: "file", content };
  };
  const read = (at: string) => fs.readFileSync(path.join(tree, at));
  return [
    ...folders.map((at): CpioEntry => ({ path: at, mode: 0o755, kind: "folder" })),
    // Without it the first process has nowhere to print.
    { path: "dev/console", mode: 0o600, kind: "device", major: 5, minor: 1 },
    file("init", init),
    ...roles().map(([name, content]) => file(`roles/${name}`, content, 0o644)),
    file("bin/busybox", read("bin/busybox")),
    file(LOADER, read(LOADER)),
    // diod looks up by name who calls it, which is always QEMU.
    file("etc/hosts", Buffer.from("127.0.0.1 localhost\n10.0.2.2 host\n"), 0o644),
    file("etc/nsswitch.conf", Buffer.from("hosts: files\n"), 0o644),
    file("etc/mke2fs.conf", read("etc/mke2fs.conf"), 0o644),
    ...PROGRAMS.map((at) => file(`sbin/${path.basename(at)}`, read(at))),
    ...[...librariesOf(tree)].map(([name, at]) => file(`lib/${name}`, fs.readFileSync(at))),
    file("lib/modules/order", Buffer.from(`${[...modules.keys()].join("\n")}\n`), 0o644),
    ...[...modules].map(([name, content]) => file(`lib/modules/${name}.ko`, content, 0o644)),
  ];
}

function roles(): [string, Buffer][] {
  return fs.readdirSync(ROLES).map((name) => [name, fs.readFileSync(path.join(ROLES, name))]);
}

/** The libraries of all programs, by the names that they are asked for. */
function librariesOf(tree: string): Map<string, string> {
  const folders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];
  const places = folders.map((at) => path.join(tree, at)).join(":");
  const found = new Map<string, string>();
  for (const program of PROGRAMS) {
    const args = ["--library-path", places, "--list", path.join(tree, program)];
    const text = execFileSync(path.join(tree, LOADER), args, { encoding: "utf8" });
    for (const [, name = "", at = ""] of text.matchAll(/^\s*(\S+) => (\S+) /gm)) {
      found.set(name, at);
    }
  }
  return found;
}

function modulesOf(tree: string): Map<string, Buffer> {
  const root = path.join(tree, "lib/modules");
  const files = fs.readdirSync(root, { recursive: true, encoding: "utf8" });
  return new Map(
    MODULES.flatMap((name) => {
      const at = files.find((file) => path.basename(file) === `${name}.ko`);
      return at === undefined ? [] : [[name, fs.readFileSync(path.join(root, at))] as const];
    }),
  );
}
