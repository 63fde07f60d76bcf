import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** What is asked of the machine; a stand-in for tests. */
export interface MachineFacts {
  /** As Node.js names it. */
  platform: string;
  isRoot: boolean;
  hasProgram: (name: string) => boolean;
  /** Content of /proc/filesystems. */
  filesystems: string;
  /** Whether a folder can be made among the control groups. */
  cgroupsWritable: () => boolean;
  /** What making namespaces says when it fails; empty where it works. */
  namespaceError: () => string;
}

const PROGRAMS = ["apt-get", "dpkg-deb", "chroot", "mount", "nsenter", "pivot_root", "unshare"];

/**
 * What a real node needs and this machine lacks, in words; empty where nothing is missing. Answers at once, so
 * that tests can decide whether they run.
 */
export function missingForNode(facts: MachineFacts = machineFacts()): string[] {
  if (facts.platform !== "linux") return ["Linux"];
  const missing = PROGRAMS.filter((name) => !facts.hasProgram(name));
  const found = [
    ...(facts.isRoot ? [] : ["root, to make namespaces, mounts and control groups"]),
    ...(missing.length > 0 ? [`a Debian system with ${missing.join(", ")}`] : []),
    ...(/^nodev\toverlay$/m.test(facts.filesystems) ? [] : ["a kernel with overlayfs"]),
  ];
  if (found.length > 0) return found;
  const error = facts.namespaceError();
  return [
    ...(facts.cgroupsWritable() ? [] : ["control groups below /sys/fs/cgroup that can be written"]),
    ...(error === "" ? [] : [`namespaces of mounts, processes and networks (${error})`]),
  ];
}

/** The facts of this machine. */
export function machineFacts(): MachineFacts {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/sbin"];
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasProgram: (name) => folders.some((folder) => fs.existsSync(path.join(folder, name))),
    filesystems: readText("/proc/filesystems"),
    cgroupsWritable,
    namespaceError,
  };
}

function cgroupsWritable(): boolean {
  const root = "/sys/fs/cgroup";
  // Version 1 has one hierarchy a controller, version 2 a single one.
  const hierarchy = fs.existsSync(`${root}/cgroup.procs`) ? root : `${root}/memory`;
  const probe = path.join(hierarchy, `kvm-fabric-probe-${process.pid}`);
  try {
    fs.mkdirSync(probe);
    fs.rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

function namespaceError(): string {
  const isolated = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--mount-proc"];
  const { status, stderr, error } = spawnSync("unshare", [...isolated, "true"], {
    encoding: "utf8",
    timeout: 10_000,
  });
  if (status === 0) return "";
  if (error) return error.message;
  const [line = ""] = stderr.trim().split("\n");
  return line === "" ? `exit code ${String(status)}` : line;
}

function readText(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}
