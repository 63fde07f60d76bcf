import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { fileOn, runOnMachine } from "../../../lab/node/machine";
import type { RunningNode } from "../../../lab/node/node";
import { processesOf } from "./containers";

const DEVICE = "/dev/kvm";
/** Of a character device behind which there is no driver that a container may reach. */
const NOBODYS = ["10", "231"];

/**
 * Takes /dev/kvm from a running node and from its containers, as unloading the kernel's module does: the node has no such
 * device, and a container keeps a file that does not open. Answers with what gives it back to both.
 */
export async function takeKvm({ cgroup, init }: RunningNode): Promise<() => Promise<void>> {
  const { rdev } = fs.statSync(fileOn(init, DEVICE));
  await runOnMachine(init, ["mount", "--bind", "/etc/hostname", DEVICE]);
  const taken = devicesIn(cgroup);
  for (const { file, mode } of taken) remake(file, mode, NOBODYS);
  return async () => {
    await runOnMachine(init, ["umount", DEVICE]);
    const numbers = [String(rdev >> 8), String(rdev & 0xff)];
    for (const { file, mode } of taken) if (fs.existsSync(file)) remake(file, mode, numbers);
  };
}

/** The device in each of the containers that have it, seen from the first process there: others come and go. */
function devicesIn(cgroup: string): { file: string; mode: string }[] {
  return processesOf(cgroup).flatMap((pid) => {
    try {
      const isFirst = /^NSpid:.*\t1$/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
      const file = fileOn(pid, DEVICE);
      return isFirst ? [{ file, mode: (fs.statSync(file).mode & 0o777).toString(8) }] : [];
    } catch {
      // It has none, or has ended.
      return [];
    }
  });
}

function remake(file: string, mode: string, numbers: readonly string[]): void {
  // At no moment is there no file: that would be another finding.
  execFileSync("mknod", ["-m", mode, `${file}.new`, "c", ...numbers]);
  fs.renameSync(`${file}.new`, file);
}
