import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../lab-error";
import { writeAtomically } from "../../../atomic-file";

/** A machine that the lab made: a root file system of its own, without a network. */
export interface Machine {
  /** Address at which programs reach it. */
  address: string;
  /** Folder of its state: what it changed in the root file system. */
  folder: string;
  /** The root file system below, which many machines share. */
  root: string;
}

/** How a command on a machine ended. */
export interface Ended {
  code: number;
  stderr: string;
  stdout: string;
}

/** The longest that a command may take: the scripts wait at most a quarter of an hour for one thing. */
const LONGEST_SECONDS = 2400;

/** The machines of a lab, by address, in a folder of its state. */
export function machines(folder: string) {
  const file = (address: string) => path.join(folder, address.replaceAll(/[^\w.-]/g, "_"));
  return {
    /** Makes a machine, or finds the one of that address; `files` are laid into it, by path. */
    add(address: string, root: string, files: Readonly<Record<string, string>> = {}): Machine {
      const machine = { address, folder: file(address), root };
      fs.mkdirSync(path.join(machine.folder, "upper"), { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        const target = path.join(machine.folder, "upper", name);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, content, { mode: 0o755 });
      }
      writeAtomically(path.join(machine.folder, "machine.json"), JSON.stringify(machine));
      return machine;
    },
    /** The machine of an address; throws where the lab made none, so nothing ever runs anywhere else. */
    find(address: string): Machine {
      const record = path.join(file(address), "machine.json");
      if (!fs.existsSync(record)) {
        const known = fs.existsSync(folder) ? fs.readdirSync(folder).sort().join(", ") : "";
        throw new LabError(`the lab has no machine at ${address}: commands run on its own alone`, {
          hint: known === "" ? "it has none yet" : `it has ${known}`,
        });
      }
      const { root }: { root: string } = JSON.parse(fs.readFileSync(record, "utf8"));
      return { address, folder: file(address), root };
    },
  };
}

/** Lays the machine's changes over the root file system, and gives up the host's network, processes and mounts. */
const ENTER = `set -eu
mkdir -p "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount -o bind,ro "$1/root/proc/sys" "$1/root/proc/sys"
mount -o bind,ro "$1/root/proc/sysrq-trigger" "$1/root/proc/sysrq-trigger" 2>/dev/null || true
mount --rbind "$1/root" "$1/root"
cd "$1/root"
exec chroot . /usr/bin/env -i HOME=/root USER=root PATH="$4" sh -c "$3"
`;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a command on a machine as an SSH server would: a shell's command line, standard input, nothing of the lab's own
 * environment. It has namespaces of its own and sees nothing of the host but the kernel, whose settings it cannot change.
 */
export async function runOn(machine: Machine, command: string, stdin = ""): Promise<Ended> {
  const namespaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child"];
  const enter = ["sh", "-c", ENTER, "enter", machine.folder, machine.root, command, PATH];
  const child = spawn("unshare", [...namespaces, ...enter], {
    stdio: "pipe",
    timeout: LONGEST_SECONDS * 1000,
  });
  const ended = { code: 1, stderr: "", stdout: "" };
  child.stdout.on("data", (data: Buffer) => (ended.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (ended.stderr += data.toString()));
  // A command need not read what it is given.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ ...ended, code: code ?? 1 });
    });
  });
}
