import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { LabError } from "../lab-error";
import { madeOnce } from "../made-once";
import { debianTree, treeKey } from "./debian";
import { cpioArchive } from "./image/cpio";

const run = promisify(execFile);

/** What the guest prints on its serial line once its first process runs. */
export const GUEST_SAYS = "kvm-fabric guest is up";

/** Debian's kernel for virtual machines, the smaller one. */
export const KERNEL_PACKAGES = [
  `linux-image-cloud-${process.arch === "x64" ? "amd64" : process.arch}`,
];

/** What a small virtual machine boots from. */
export interface GuestFiles {
  /** Path of a compressed kernel. */
  kernel: string;
  /** An initial root file system whose first process prints {@link GUEST_SAYS} and powers the machine off. */
  initramfs: Buffer;
}

/**
 * Kernel and initial root file system of a guest for the boot gate. Arguments on the kernel's command line after `--` are
 * printed as well: `console=ttyS0 panic=-1 -- my role`. Errors: LabError where the packages cannot be had.
 */
export async function guestFiles(cache: string): Promise<GuestFiles> {
  const boot = path.join(await debianTree(cache, KERNEL_PACKAGES, ["boot"]), "boot");
  const [name] = fs.readdirSync(boot).filter((file) => file.startsWith("vmlinuz-"));
  if (name === undefined) throw new LabError(`${KERNEL_PACKAGES.join(", ")} has no kernel`);
  const shell = await debianTree(cache, ["busybox-static"]);
  const busybox = fs.readFileSync(path.join(shell, "bin/busybox"));
  return { kernel: path.join(boot, name), initramfs: guestInitramfs(busybox) };
}

const FIRST_PROCESS = `#!/bin/busybox sh
echo "${GUEST_SAYS}\${*:+: $*}"
/bin/busybox poweroff -f
`;

/**
 * An initial root file system around a shell that needs no libraries, whose first process is a script of it. Defaults to that
 * of {@link guestFiles}. Pure.
 */
export function guestInitramfs(busybox: Buffer, first = FIRST_PROCESS): Buffer {
  return cpioArchive([
    { path: "bin", mode: 0o755, kind: "folder" },
    { path: "bin/busybox", mode: 0o755, kind: "file", content: busybox },
    { path: "dev", mode: 0o755, kind: "folder" },
    // Without it the first process has nowhere to print.
    { path: "dev/console", mode: 0o600, kind: "device", major: 5, minor: 1 },
    { path: "init", mode: 0o755, kind: "file", content: Buffer.from(first) },
  ]);
}

/** Debian packages that the worker's guest is made of. */
const WORKER_GUEST_PACKAGES = [...KERNEL_PACKAGES, "busybox-static"];
/** The worker image that users are given to begin with. */
export const WORKER_IMAGE_FOLDER = path.resolve(__dirname, "../../examples/worker-image");

/**
 * What the guest of `examples/worker-image` boots from, as its build-assets.sh makes it: paths of a kernel and an initial
 * root file system in the cache. Errors: LabError where the packages cannot be had.
 */
export async function workerGuest(cache: string): Promise<{ kernel: string; initramfs: string }> {
  const key = createHash("sha256").update(treeKey(WORKER_GUEST_PACKAGES));
  for (const file of ["build-assets.sh", "guest/init", "guest/lease", "guest/modules"]) {
    key.update("\0").update(fs.readFileSync(path.join(WORKER_IMAGE_FOLDER, file)));
  }
  const folder = path.join(cache, "guests", key.digest("hex").slice(0, 16));
  await madeOnce(folder, "the worker's guest", async (partial) => {
    const tree = await debianTree(cache, WORKER_GUEST_PACKAGES, ["bin", "boot", "lib"]);
    await run("sh", [path.join(WORKER_IMAGE_FOLDER, "build-assets.sh"), partial, tree]);
  });
  return { kernel: path.join(folder, "vmlinuz"), initramfs: path.join(folder, "initramfs") };
}
