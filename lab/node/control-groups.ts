import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../lab-error";

const ROOT = "/sys/fs/cgroup";
const LAB = "kvm-fabric";

/** Controllers that a kubelet wants in version 2. */
const CONTROLLERS = ["cpu", "cpuset", "hugetlb", "io", "memory", "pids"];

/** The control group that holds all pods of a real node, as the kubelet names it. */
export function nodeCgroup(state: string, name: string): string {
  const id = createHash("sha256").update(`${state}\0${name}`).digest("hex").slice(0, 12);
  return `/${LAB}/${id}`;
}

/** Makes a node's control group in every hierarchy there is (one in version 2, one a controller in version 1). */
export function makeCgroup(group: string, root = ROOT): void {
  for (const hierarchy of hierarchies(root).filter((one) => isUsed(one, root))) {
    const parts = group.split("/").filter((part) => part !== "");
    let folder = hierarchy;
    for (const part of parts) {
      enableControllers(folder);
      const child = path.join(folder, part);
      fs.mkdirSync(child, { recursive: true });
      inheritCpus(folder, child);
      folder = child;
    }
    enableControllers(folder);
  }
}

/** Removes a node's control group with all below it; the lab's own where that was the last node's. */
export function removeCgroup(group: string, root = ROOT): void {
  for (const hierarchy of hierarchies(root)) {
    removeBelow(path.join(hierarchy, group));
    removeEmpty(path.join(hierarchy, LAB));
  }
}

/** The folders of a node's control group that are there. */
export function cgroupFolders(group: string, root = ROOT): string[] {
  return hierarchies(root)
    .map((hierarchy) => path.join(hierarchy, group))
    .filter((folder) => fs.existsSync(folder));
}

function hierarchies(root: string): string[] {
  if (fs.existsSync(path.join(root, "cgroup.procs"))) return [root];
  return fs
    .readdirSync(root)
    .map((name) => path.join(root, name))
    .filter((folder) => fs.existsSync(path.join(folder, "cgroup.procs")));
}

// Beside those of version 1 there may be one of version 2, without controllers: only what runs pods makes groups in it.
function isUsed(hierarchy: string, root: string): boolean {
  return hierarchy === root || !fs.existsSync(path.join(hierarchy, "cgroup.controllers"));
}

// Version 2 alone; what the kernel lacks is not offered in cgroup.controllers.
function enableControllers(folder: string): void {
  const offered = path.join(folder, "cgroup.controllers");
  if (!fs.existsSync(offered)) return;
  const names = fs.readFileSync(offered, "utf8").trim().split(" ");
  for (const name of names.filter((one) => CONTROLLERS.includes(one))) {
    try {
      fs.writeFileSync(path.join(folder, "cgroup.subtree_control"), `+${name}`);
    } catch (error) {
      throw new LabError(`control group ${folder} hands down no ${name}`, {
        hint: "a group with processes of its own cannot, such as that of a container: start nodes outside of it",
        cause: error,
      });
    }
  }
}

// Version 1 alone: a new group has neither CPUs nor memory, and so takes no process.
function inheritCpus(parent: string, child: string): void {
  for (const name of ["cpuset.cpus", "cpuset.mems"]) {
    const file = path.join(child, name);
    if (!fs.existsSync(file) || fs.existsSync(path.join(child, "cgroup.controllers"))) continue;
    if (fs.readFileSync(file, "utf8").trim() !== "") continue;
    fs.writeFileSync(file, fs.readFileSync(path.join(parent, name), "utf8").trim());
  }
}

function removeBelow(folder: string): void {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeBelow(path.join(folder, entry.name));
  }
  removeEmpty(folder);
}

function removeEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Not there, or with other groups or processes in it.
  }
}
