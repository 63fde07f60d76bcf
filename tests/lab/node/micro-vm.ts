import * as fs from "node:fs";
import * as path from "node:path";
import { debianTree } from "../../../lab/node/debian";
import { guestFiles, guestInitramfs } from "../../../lab/node/guest";
import { machineFolder } from "../../../lab/node/machine";
import { labPaths } from "../../../lab/paths";
import { identify, type ProcessIdentity } from "../../../lab/processes";
import { processesOf } from "./containers";

/** Where the machine of a test keeps the files of its microVM. */
const FOLDER = "/var/lib/micro-vm";

/** The command of a pod that is one microVM; see {@link layMicroVm}. QEMU in software: KVM here boots no stock kernel. */
export const MICRO_VM = {
  command: [
    ...["qemu-system-x86_64", "-accel", "tcg", "-m", "128", "-no-reboot", "-display", "none"],
    ...["-monitor", "none", "-serial", "file:/vm/console", "-kernel", "/vm/kernel"],
    ...["-initrd", "/vm/initramfs", "-append", "console=ttyS0 panic=-1 quiet"],
  ],
  volumes: { "/vm": FOLDER },
};

/** Lays a guest on a node that says on its console how many seconds it has lived. */
export async function layMicroVm(state: string, node: string): Promise<void> {
  const { cache } = labPaths();
  const folder = path.join(machineFolder(state, node), FOLDER);
  fs.mkdirSync(folder, { recursive: true });
  const [{ kernel }, shell] = [
    await guestFiles(cache),
    await debianTree(cache, ["busybox-static"]),
  ];
  fs.copyFileSync(kernel, path.join(folder, "kernel"));
  const busybox = fs.readFileSync(path.join(shell, "bin/busybox"));
  fs.writeFileSync(path.join(folder, "initramfs"), guestInitramfs(busybox, BEATING));
}

/** The beats that a node's microVM has made, from its console. */
export function beats(state: string, node: string): number[] {
  const console = path.join(machineFolder(state, node), FOLDER, "console");
  if (!fs.existsSync(console)) return [];
  return [...fs.readFileSync(console, "utf8").matchAll(/^beat (\d+)\r?$/gm)].map(([, beat]) =>
    Number(beat),
  );
}

/** The process that is a container's microVM. */
export function monitorOf(container: string): ProcessIdentity | undefined {
  const [pid] = processesOf(container);
  return pid === undefined ? undefined : identify(pid);
}

const BEATING = `#!/bin/busybox sh
beat=0
while :; do
  echo "beat $beat"
  beat=$((beat + 1))
  /bin/busybox sleep 1
done
`;
