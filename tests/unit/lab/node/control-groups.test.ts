import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  cgroupFolders,
  makeCgroup,
  nodeCgroup,
  removeCgroup,
} from "../../../../lab/node/control-groups";

// Folders and files stand for the kernel's: it makes the files of a new group itself, which nothing here does.
let root: string;
const file = (name: string, content = "") => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), content);
};
const folders = () =>
  fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-cgroups-"));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

test("a node's group is its own, by lab and name", () => {
  expect(nodeCgroup("/state", "a")).toMatch(/^\/kvm-fabric\/[0-9a-f]{12}$/);
  expect(nodeCgroup("/state", "a")).toBe(nodeCgroup("/state", "a"));
  expect(nodeCgroup("/other", "a")).not.toBe(nodeCgroup("/state", "a"));
});

test("of version 1 every controller gets the group, and CPUs are handed down", () => {
  for (const controller of ["cpuset", "memory", "unified"]) file(`${controller}/cgroup.procs`);
  file("unified/cgroup.controllers");
  file("cpuset/cpuset.cpus", "0-1\n");
  file("cpuset/kvm-fabric/cpuset.cpus", "\n");
  file("cpuset/kvm-fabric/node/cpuset.cpus", "");
  fs.mkdirSync(path.join(root, "not-a-hierarchy"));
  makeCgroup("/kvm-fabric/node", root);
  expect(cgroupFolders("/kvm-fabric/node", root)).toEqual([
    path.join(root, "cpuset/kvm-fabric/node"),
    path.join(root, "memory/kvm-fabric/node"),
  ]);
  const cpus = path.join(root, "cpuset/kvm-fabric/node/cpuset.cpus");
  expect(fs.readFileSync(cpus, "utf8")).toBe("0-1");
});

test("of version 2 the one hierarchy gets it, with the controllers that a kubelet wants switched on", () => {
  file("cgroup.procs");
  file("cgroup.controllers", "cpu memory rdma\n");
  file("kvm-fabric/cgroup.controllers", "cpu memory\n");
  makeCgroup("/kvm-fabric/node", root);
  expect(folders()).toEqual(["kvm-fabric", "kvm-fabric/node"]);
  // The kernel takes one word after the other; a file keeps the last.
  expect(fs.readFileSync(path.join(root, "cgroup.subtree_control"), "utf8")).toBe("+memory");
  const below = path.join(root, "kvm-fabric/cgroup.subtree_control");
  expect(fs.readFileSync(below, "utf8")).toBe("+memory");
});

test("removed with all below it, in every hierarchy; another node's stays, and with it the lab's", () => {
  for (const hierarchy of ["memory", "unified"]) {
    file(`${hierarchy}/cgroup.procs`);
    fs.mkdirSync(path.join(root, hierarchy, "kvm-fabric/one/kubepods/pod"), { recursive: true });
  }
  fs.mkdirSync(path.join(root, "memory/kvm-fabric/two"));
  removeCgroup("/kvm-fabric/one", root);
  expect(folders()).toEqual(["memory", "memory/kvm-fabric", "memory/kvm-fabric/two", "unified"]);
  removeCgroup("/kvm-fabric/two", root);
  removeCgroup("/kvm-fabric/two", root);
  expect(folders()).toEqual(["memory", "unified"]);
});
