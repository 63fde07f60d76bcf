import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  hasDependencies,
  installCommand,
  managerByLock,
} from "../../../../../lab/engine/language-host/install";
import {
  packageDependency,
  requiredPackages,
} from "../../../../../lab/engine/language-host/packages";
import { programDependencies } from "../../../../../lab/engine/language-host/about";
import { runtimeOptions } from "../../../../../lab/engine/language-host/runtime-options";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-host-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function write(file: string, content: unknown = {}): void {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), JSON.stringify(content));
}

const options = runtimeOptions(undefined);

test.each([
  ["package-lock.json", "npm"],
  ["yarn.lock", "yarn"],
  ["pnpm-lock.yaml", "pnpm"],
  ["bun.lock", "bun"],
])("%s further up means %s", (lock, manager) => {
  write(lock);
  write("a/b/package.json");
  expect(managerByLock(path.join(folder, "a/b"))).toBe(manager);
});

test("the manager that the program asks for wins over the lock file", () => {
  write("yarn.lock");
  const command = installCommand(folder, { ...options, packageManager: "npm", production: true });
  expect(command).toEqual(["npm", "install", "--loglevel=error", "--production"]);
});

test("dependencies may lie further up; optional peers need not be there at all", () => {
  write("plugin/package.json", {
    dependencies: { near: "1" },
    peerDependencies: { far: "1", maybe: "1" },
    peerDependenciesMeta: { maybe: { optional: true } },
  });
  const plugin = path.join(folder, "plugin");
  expect(hasDependencies(plugin)).toBe(false);
  write("plugin/node_modules/near/package.json");
  expect(hasDependencies(plugin)).toBe(false);
  write("node_modules/far/package.json");
  expect(hasDependencies(plugin)).toBe(true);
});

test("the packages are those of every SDK below node_modules, nested ones and links included", () => {
  const sdk = (name: string) => ({
    name: `@pulumi/${name}`,
    version: "1.0.0",
    pulumi: { resource: true },
  });
  write("node_modules/@pulumi/one/package.json", sdk("one"));
  write("node_modules/lib/package.json", { name: "lib" });
  write("node_modules/lib/node_modules/@pulumi/two/package.json", sdk("two"));
  write("sub/node_modules/@pulumi/three/package.json", sdk("three"));
  write("policy/PulumiPolicy.yaml");
  write("policy/node_modules/@pulumi/four/package.json", sdk("four"));
  fs.symlinkSync(folder, path.join(folder, "sub/circle"));
  const names = (attached?: string) =>
    requiredPackages(folder, attached).map((found) => `${found.getName()} ${found.getVersion()}`);
  expect(names().sort()).toEqual(["one v1.0.0", "three v1.0.0", "two v1.0.0"]);
  expect(names("one:1234,three:1").sort()).toEqual(["two v1.0.0"]);
});

test("a package.json states the plugin behind it; the package's own name and version are the defaults", () => {
  const pulumi = { resource: true, name: "plug", version: "v2.0.0", server: "https://x.test" };
  const stated = packageDependency({ name: "@other/sdk", version: "1.0.0", pulumi });
  expect(stated?.toObject()).toMatchObject({
    kind: "resource",
    name: "plug",
    version: "v2.0.0",
    server: "https://x.test",
  });
  const plain = { name: "@pulumi/plain", version: "1.0.0", pulumi: { resource: true } };
  expect(packageDependency(plain)?.toObject()).toMatchObject({ name: "plain", version: "v1.0.0" });
  expect(packageDependency({ name: "@pulumi/pulumi", version: "3.0.0" })).toBeUndefined();
});

test("dependencies come from the lock file, the direct ones unless all are asked for", () => {
  write("package.json", { devDependencies: { direct: "^1" } });
  write("package-lock.json", {
    packages: {
      "": { version: "0.0.0" },
      "node_modules/direct": { version: "1.2.0" },
      "node_modules/@scope/deep": { version: "2.0.0" },
      "node_modules/direct/node_modules/hidden": { version: "3.0.0" },
    },
  });
  const list = (transitive: boolean) =>
    programDependencies(folder, transitive).map(
      (found) => `${found.getName()} ${found.getVersion()}`,
    );
  expect(list(false)).toEqual(["direct 1.2.0"]);
  expect(list(true)).toEqual(["direct 1.2.0", "@scope/deep 2.0.0"]);
});
