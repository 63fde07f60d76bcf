import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  cachedPlugin,
  onPath,
  pluginPlaces,
} from "../../../../../lab/commands/lab/official-plugins";

let cache: string;

beforeEach(() => {
  cache = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-plugins-"));
});

afterEach(() => {
  fs.rmSync(cache, { recursive: true, force: true });
});

function install(version: string, mode = 0o755): string {
  const folder = path.join(cache, `resource-kubernetes-v${version}`);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "pulumi-resource-kubernetes"), "", { mode });
  return folder;
}

const find = () => cachedPlugin("kubernetes", "4.9.2", { cache, path: [] });

test("the newest one that fits the SDK is taken, by number and not by letter", () => {
  install("4.9.2");
  const newest = install("4.10.0");
  expect(find()).toBe(newest);
});

test.each([
  ["older than the SDK", "4.9.1"],
  ["of another major version", "5.0.0"],
  ["a development build", "4.9.3-alpha.1"],
])("one that is %s is not taken", (_, version) => {
  install(version);
  expect(find()).toBeUndefined();
});

test("one whose download was cut off, or that cannot be run, is not taken", () => {
  fs.writeFileSync(`${install("4.9.3")}.partial`, "");
  install("4.9.4", 0o644);
  expect(find()).toBeUndefined();
});

test("a user without any plugins has none", () => {
  expect(cachedPlugin("kubernetes", "4.9.2", { cache: path.join(cache, "no"), path: [] })).toBe(
    undefined,
  );
});

test("PATH is searched in order, without the lab's own folder", () => {
  for (const name of ["lab", "a", "b"]) {
    fs.mkdirSync(path.join(cache, name));
    fs.writeFileSync(path.join(cache, name, "tool"), "", { mode: 0o755 });
  }
  const folders = ["lab", "none", "b", "a"].map((name) => path.join(cache, name));
  const env = { PATH: folders.join(path.delimiter), PULUMI_HOME: "/p" };
  const places = pluginPlaces(path.join(cache, "lab"), env);
  expect(places.cache).toBe("/p/plugins");
  expect(onPath("tool", places)).toBe(path.join(cache, "b", "tool"));
});
