import * as fs from "node:fs";
import * as path from "node:path";
import {
  families,
  nodeToolNames,
  testToolNames,
  toolNames,
  tools,
} from "../../../../lab/toolchain/versions";

const modules = path.join(__dirname, "../../../../lab/toolchain/go");
const goMod = (family: string) => fs.readFileSync(path.join(modules, family, "go.mod"), "utf8");
const all = [...toolNames, ...nodeToolNames, ...testToolNames];

test("every tool is one of every lab's, of a real node's or of tests', and each family has its module", () => {
  expect([...all].sort()).toEqual(Object.keys(tools).sort());
  expect(fs.readdirSync(modules).sort()).toEqual(Object.keys(families).sort());
});

test.each(all)("the module of %s pins what it is built from", (name) => {
  const { family, package: main } = tools[name];
  if (main.startsWith("./")) return;
  const [tool, ...rest] = goMod(family)
    .split("\n")
    .filter((line) => line.trim().replace(/^tool /, "") === main);
  expect(tool).toBeDefined();
  expect(rest).toEqual([]);
});

test("the kubelet is built from the very Kubernetes of the control plane", () => {
  const version = (family: string) =>
    /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(goMod(family))?.[1];
  expect(version("kubelet")).toBeDefined();
  expect(version("kubelet")).toBe(version("kubernetes"));
});
