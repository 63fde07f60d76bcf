import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { AssetSet } from "../../../../../components/node-provisioner/asset-set";
import { provisionScript } from "../../../../../components/node-provisioner/script/provision-script";
import { provisionTables } from "../../../../../components/node-provisioner/script/tables";
import { ended, type Ended, listing, sha256 } from "./ended";

/** A VMM that boots: it says what a kernel would, and runs until it is killed. */
export const BOOTS = `#!/bin/sh
[ "$1" != --version ] || { echo "Firecracker v1.16.1"; exit 0; }
echo "[    0.5] Run /sbin/init as init process"
exec sleep 60
`;

/** The settings of the kernel of a host that the doctor finds nothing wrong with, by path below /sys or /proc. */
const GOOD_KERNEL: Record<string, string> = {
  "sys/module/kvm/refcnt": "0\n",
  "sys/module/kvm_intel/parameters/nested": "N\n",
  "sys/module/vhost_vsock/refcnt": "0\n",
  "sys/devices/system/cpu/smt/active": "0\n",
  "sys/devices/system/cpu/vulnerabilities/meltdown": "Not affected\n",
  "sys/devices/system/cpu/vulnerabilities/spectre_v2": "Mitigation: Enhanced IBRS\n",
  "sys/kernel/mm/ksm/run": "0\n",
  "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "512\n",
  "sys/fs/cgroup/cgroup.controllers": "cpu io memory pids\n",
  "proc/sys/kernel/osrelease": "6.1.141-cloud-amd64\n",
  "proc/sys/kernel/random/boot_id": "boot-1\n",
  "proc/swaps": "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
  "proc/misc": "232 kvm\n200 tun\n",
};

/** A host as the script sees it: its folders, its kernel's files, and the script itself. */
export interface PretendedHost {
  /** Everything of it is below here. */
  home: string;
  /** The folder that receives the files. */
  root: string;
  state: string;
  files: string;
  /** Writes a file below the host's home, or removes it. */
  kernel: (file: string, text: string | undefined) => void;
  /** Gives the script the tables of a set. */
  mount: (set: AssetSet) => void;
  environment: (extra?: Record<string, string>) => Record<string, string>;
  start: (command: string, extra?: Record<string, string>) => ChildProcess;
  run: (command: string, extra?: Record<string, string>) => Promise<Ended>;
  /** The processes that were started for it and still run: they have its folders in their environment. */
  processes: () => number[];
  /** The files below the root. */
  installed: () => Record<string, string>;
  /** The lines of the status. */
  status: () => Record<string, string>;
  remove: () => void;
}

/** Makes a host on which everything is well. Any character device opens as /dev/kvm should. */
export function pretendedHost(prelude = "", parent = os.tmpdir()): PretendedHost {
  const home = fs.mkdtempSync(path.join(parent, "provision-"));
  const at = (name: string) => path.join(home, name);
  for (const folder of ["files", "state"]) fs.mkdirSync(at(folder));
  const kernel = (file: string, text: string | undefined) => {
    if (text === undefined) {
      fs.rmSync(at(file), { recursive: true, force: true });
      return;
    }
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), text);
  };
  for (const [file, text] of Object.entries(GOOD_KERNEL)) kernel(file, text);
  kernel("machine-id", "machine-1\n");
  kernel("provision.sh", prelude + provisionScript());
  const environment = (extra: Record<string, string> = {}) => ({
    PATH: process.env.PATH ?? "",
    FILES: at("files"),
    HOST_ROOT: at("root"),
    STATE: at("state"),
    HOST_SYS: at("sys"),
    HOST_PROC: at("proc"),
    MACHINE_ID_FILE: at("machine-id"),
    KVM_DEVICE: "/dev/null",
    MACHINE: "x86_64",
    ALLOW_HTTP: "yes",
    ...extra,
  });
  const start = (command: string, extra?: Record<string, string>) =>
    spawn(shell()[0] ?? "sh", [...shell().slice(1), at("provision.sh"), ...command.split(" ")], {
      env: environment(extra),
      detached: true,
    });
  return {
    ...{ home, root: at("root"), state: at("state"), files: at("files") },
    ...{ kernel, environment, start },
    mount(set) {
      fs.rmSync(at("files"), { recursive: true });
      fs.mkdirSync(at("files"));
      for (const [name, text] of Object.entries(provisionTables(set))) {
        fs.writeFileSync(path.join(at("files"), name), text);
      }
    },
    run: (command, extra) => ended(start(command, extra)),
    processes: () => processesWith(`HOST_ROOT=${at("root")}`),
    installed: () => (fs.existsSync(at("root")) ? listing(at("root")) : {}),
    status: () => {
      const file = at("state/status");
      const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
      return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    },
    remove: () => {
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

function processesWith(variable: string): number[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return fs
        .readFileSync(`/proc/${String(pid)}/environ`, "utf8")
        .split("\0")
        .includes(variable);
    } catch {
      return false;
    }
  });
}

/** A folder of the host that serves files by their sums, and what puts one there. */
export function folderMirror({ home }: PretendedHost) {
  const mirror = path.join(home, "mirror");
  fs.mkdirSync(mirror, { recursive: true });
  const file = (content: string) => {
    const sum = sha256(content);
    fs.writeFileSync(path.join(mirror, sum), content);
    return { url: "https://nowhere.invalid/file", sha256: sum, sizeBytes: content.length };
  };
  return { file, mirror };
}

/** The shell that runs the scripts: the machine's, or the one that PROVISIONER_SHELL names with its arguments. */
function shell(): string[] {
  return (process.env.PROVISIONER_SHELL ?? "sh").split(" ");
}
