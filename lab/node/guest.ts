import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { debianTree } from "./debian";
import { cpioArchive } from "./image/cpio";

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

/** The initial root file system, around a shell that needs no libraries. Pure. */
export function guestInitramfs(busybox: Buffer): Buffer {
  const first = `#!/bin/busybox sh
echo "${GUEST_SAYS}\${*:+: $*}"
/bin/busybox poweroff -f
`;
  return cpioArchive([
    { path: "bin", mode: 0o755, kind: "folder" },
    { path: "bin/busybox", mode: 0o755, kind: "file", content: busybox },
    { path: "dev", mode: 0o755, kind: "folder" },
    // Without it the first process has nowhere to print.
    { path: "dev/console", mode: 0o600, kind: "device", major: 5, minor: 1 },
    { path: "init", mode: 0o755, kind: "file", content: Buffer.from(first) },
  ]);
}
