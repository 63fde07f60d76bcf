import * as os from "node:os";
import * as path from "node:path";
import { labPaths } from "../../../lab/paths";

// Plain JavaScript without types, for the bootstrap.
const bootstrap: unknown = jest.requireActual("../../../lab/bootstrap/folders.js");

function cacheFolder(env: NodeJS.ProcessEnv): string {
  return (bootstrap as { cacheFolder(env: NodeJS.ProcessEnv): string }).cacheFolder(env);
}

const home = os.homedir();
const standard = path.join(home, ".cache", "kvm-fabric");

test.each([
  ["nothing set", {}, standard],
  ["both empty", { KVM_FABRIC_CACHE: "", XDG_CACHE_HOME: "" }, standard],
  ["its own variable", { KVM_FABRIC_CACHE: "/c", XDG_CACHE_HOME: "/x" }, "/c"],
  ["its own variable empty", { KVM_FABRIC_CACHE: "", XDG_CACHE_HOME: "/x" }, "/x/kvm-fabric"],
  ["a relative path", { KVM_FABRIC_CACHE: "c/../d" }, path.resolve("d")],
  ["a slash at the end", { KVM_FABRIC_CACHE: "/c/" }, "/c"],
  ["a relative base", { XDG_CACHE_HOME: "x" }, path.resolve("x", "kvm-fabric")],
])("the cache with %s, to the bootstrap and to the lab", (_, env, expected) => {
  expect({ lab: labPaths(env).cache, bootstrap: cacheFolder(env) }).toEqual({
    lab: expected,
    bootstrap: expected,
  });
});

test.each([
  ["nothing set", {}, path.join(home, ".local", "state", "kvm-fabric")],
  ["its own variable empty", { KVM_FABRIC_LAB: "", XDG_STATE_HOME: "/x" }, "/x/kvm-fabric"],
  ["a relative path", { KVM_FABRIC_LAB: "lab" }, path.resolve("lab")],
])("the state with %s", (_, env, expected) => {
  expect(labPaths(env).state).toBe(expected);
});
