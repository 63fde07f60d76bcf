import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";
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
  /** The cluster that its k3s begins or joins. Defaults to none: then its k3s plays a cluster by itself. */
  cluster?: MachineCluster;
}

/** A cluster as its machines know it. */
export interface MachineCluster {
  /** Unique over all clusters of the lab. */
  id: string;
  /** What people call it. */
  name: string;
  /** Address of its API, at which its load balancer answers. */
  address: string;
}

/** What a machine asks of the lab: words, of which the first says what. */
export type MachineLine = (request: string[]) => Promise<Ended>;

/** What a machine is made with. */
export interface MachineParts {
  /** Laid into its root file system, by path. Defaults to none. */
  files?: Readonly<Record<string, string>>;
  /** Settings of its kernel below /proc/sys, by path, which it may change. Defaults to the lab's own kernel, which it may not. */
  kernel?: Readonly<Record<string, string>>;
  cluster?: MachineCluster;
}

/** How a command on a machine ended. */
export interface Ended {
  code: number;
  stderr: string;
  stdout: string;
}

/** The longest that a command may take: the scripts wait at most a quarter of an hour for one thing. */
const LONGEST_SECONDS = 2400;

/** Folder of a lab's machines in its state folder. */
export function machinesFolder(state: string): string {
  return path.join(state, "machines");
}

/** The machines of a lab, by address, in a folder of its state. */
export function machines(folder: string) {
  const file = (address: string) => path.join(folder, address.replaceAll(/[^\w.-]/g, "_"));
  return {
    /** Makes a machine, or finds the one of that address; files are laid into it, by path. */
    add(
      address: string,
      root: string,
      { cluster, files = {}, kernel }: MachineParts = {},
    ): Machine {
      const machine = { address, folder: file(address), root, ...(cluster && { cluster }) };
      fs.mkdirSync(path.join(machine.folder, "upper"), { recursive: true });
      lay(path.join(machine.folder, "upper"), files);
      if (kernel) lay(path.join(machine.folder, KERNEL), kernel);
      writeAtomically(path.join(machine.folder, "machine.json"), JSON.stringify(machine));
      return machine;
    },
    /** All machines of the lab. */
    list(): Machine[] {
      const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
      return names.flatMap((name) => read(path.join(folder, name)) ?? []);
    },
    /** Takes a machine away with all that is on it; one that is not there is no error. */
    remove(address: string): void {
      fs.rmSync(file(address), { recursive: true, force: true });
    },
    /** The machine of an address; throws where the lab made none, so nothing ever runs anywhere else. */
    find(address: string): Machine {
      const machine = read(file(address));
      if (machine !== undefined) return machine;
      const known = fs.existsSync(folder) ? fs.readdirSync(folder).sort().join(", ") : "";
      throw new LabError(`the lab has no machine at ${address}: commands run on its own alone`, {
        hint: known === "" ? "it has none yet" : `it has ${known}`,
      });
    },
  };
}

/** Folder of a machine's own settings of the kernel, beside its root file system. */
const KERNEL = "kernel";

function lay(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content, { mode: 0o755 });
  }
}

function read(folder: string): Machine | undefined {
  const record = path.join(folder, "machine.json");
  if (!fs.existsSync(record)) return undefined;
  const machine: Machine = JSON.parse(fs.readFileSync(record, "utf8"));
  return { ...machine, folder };
}

/** Lays the machine's changes over the root file system, and gives up the host's network, processes and mounts. */
const ENTER = `set -eu
mkdir -p "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
if [ -d "$1/kernel" ]; then
  mount --bind "$1/kernel" "$1/root/proc/sys"
  [ -c "$1/root/dev/kvm" ] || mknod -m 660 "$1/root/dev/kvm" c 1 3
else
  mount -o bind,ro "$1/root/proc/sys" "$1/root/proc/sys"
fi
mount -o bind,ro "$1/root/proc/sysrq-trigger" "$1/root/proc/sysrq-trigger" 2>/dev/null || true
mount --rbind "$1/root" "$1/root"
cd "$1/root"
exec chroot . /usr/bin/env -i HOME=/root USER=root PATH="$4" sh -c "$3"
`;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a command on a machine as an SSH server would: a shell's command line, standard input, nothing of the lab's own
 * environment. It has namespaces of its own and sees nothing of the host but the kernel, whose settings it cannot change.
 * Where there is a line, file descriptor 3 is it: a request a line, its words in base64, and as a line the answer to it.
 */
export async function runOn(
  machine: Machine,
  command: string,
  stdin = "",
  line?: MachineLine,
): Promise<Ended> {
  const namespaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child"];
  const enter = ["sh", "-c", ENTER, "enter", machine.folder, machine.root, command, PATH];
  const child = spawn("unshare", [...namespaces, ...enter], {
    stdio: ["pipe", "pipe", "pipe", line ? "pipe" : "ignore"],
    timeout: LONGEST_SECONDS * 1000,
  });
  const ended = { code: 1, stderr: "", stdout: "" };
  child.stdout?.on("data", (data: Buffer) => (ended.stdout += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (ended.stderr += data.toString()));
  if (line && child.stdio[3] instanceof Duplex) answerOn(child.stdio[3], line);
  // A command need not read what it is given.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ ...ended, code: code ?? 1 });
    });
  });
}

/** Answers requests one after the other: exit code, then in base64 what goes to standard output and to standard error. */
function answerOn(pipe: Duplex, line: MachineLine): void {
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  let last = Promise.resolve();
  createInterface(pipe).on("line", (text) => {
    const words = text.split(" ").map((word) => Buffer.from(word, "base64").toString());
    last = last
      .then(() => line(words))
      .catch((error: unknown) => ({ code: 1, stdout: "", stderr: `${String(error)}\n` }))
      .then(({ code, stdout, stderr }) => {
        pipe.write(`${String(code)} x${encoded(stdout)} x${encoded(stderr)}\n`);
      });
  });
  // Whoever asked may be gone before the answer.
  pipe.on("error", () => undefined);
}
