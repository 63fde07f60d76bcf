import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../../../lab/commands/child";
import { labProcesses } from "../../../lab/processes";

jest.setTimeout(30 * 60_000);

// A copy of the working tree's own files, as a clone of its next commit would have them; a lab of its own.
const root = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-clone-"));
const clone = path.join(root, "clone");
const state = path.join(root, "state");
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_")),
  ),
  KVM_FABRIC_LAB: state,
  // Nothing may land in the home folder; the cache of tools is the user's, as it would be.
  HOME: path.join(root, "home"),
  KVM_FABRIC_CACHE: process.env.KVM_FABRIC_CACHE ?? path.join(os.homedir(), ".cache/kvm-fabric"),
};

function npm(...args: string[]): { code: number | null; stdout: string; output: string } {
  const result = spawnSync("npm", ["run", "-s", ...args], { cwd: clone, env, encoding: "utf8" });
  return { code: result.status, stdout: result.stdout, output: result.stdout + result.stderr };
}

function repositoryFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  return execFileSync("git", args, { cwd: repository, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && fs.existsSync(path.join(repository, file)));
}

beforeAll(() => {
  fs.mkdirSync(env.HOME, { recursive: true });
  for (const file of repositoryFiles()) {
    const target = path.join(clone, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(repository, file), target);
  }
});

afterAll(() => {
  if (fs.existsSync(state)) npm("lab", "--", "stop");
  fs.rmSync(root, { recursive: true, force: true });
});

test("npm run up, from nothing", () => {
  const { code, output } = npm("up");
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/\+ \d+ created/);
  expect(output).toContain("3 with KVM, 3 proven");
  expect(output).toContain("fabric-agents/fabric-queen: 1 of 1 ready");
  expect(output).toContain("npm run down");
});

test("npm run status says what runs where", () => {
  const { code, stdout } = npm("status", "--", "--json");
  expect(code).toBe(0);
  const status = JSON.parse(stdout);
  const kvm = status.nodes.filter((node: { kvm: boolean }) => node.kvm);
  expect(kvm.map(({ proven }: { proven: boolean }) => proven)).toEqual([true, true, true]);
  expect(status.workers).toMatchObject([{ name: "fabric-worker", desired: 3, ready: 3 }]);
  expect(status.consul).toMatchObject([{ desired: 3, ready: 3 }]);
  const services = status.services.map(({ name, ready }: Record<string, unknown>) => [name, ready]);
  expect(services).toEqual([
    ["fabric-queen", 1],
    ["fabric-redis", 1],
    ["fabric-gateway", 1],
  ]);
  expect(npm("status").stdout).toContain("kvm-0002");
});

test("a second up changes nothing", () => {
  const { code, output } = npm("up");
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/Resources:\n\s+\d+ unchanged\n/);
  expect(output).not.toMatch(/\d+ (created|updated|deleted|replaced)/);
});

test("the lab's environment runs any other program too", () => {
  const exports = npm("lab", "--", "env").stdout;
  const script = `${exports}\nkubectl get namespace default -o name && pulumi whoami`;
  const result = spawnSync("sh", ["-c", script], { cwd: root, env, encoding: "utf8" });
  expect({ code: result.status, stderr: result.stderr }).toMatchObject({ code: 0 });
  expect(result.stdout).toContain("namespace/default");
});

test("npm run down leaves no process, no lock and no file elsewhere", () => {
  const { code, output } = npm("down");
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/- \d+ deleted/);
  expect(labProcesses(state)).toEqual([]);
  const files = fs.readdirSync(state, { recursive: true, encoding: "utf8" });
  const locks = files.filter((file) => /(^|\/)locks?(\/|$)/.test(file));
  expect(locks.filter((file) => fs.statSync(path.join(state, file)).isFile())).toEqual([]);
  expect(repositoryChanges()).toEqual([]);
  // What npm and Go keep of their own, see the README.
  const home = fs.readdirSync(env.HOME, { recursive: true, encoding: "utf8" });
  const ours = home.filter((file) => !/^(\.npm(\/|$)|\.config$|\.config\/go(\/|$))/.test(file));
  expect(ours).toEqual([]);
});

test("npm run down -- --all removes the state too, and again is no error", () => {
  // The cache is shared with this run's other labs: one of its own stands for it.
  const cache = path.join(root, "cache");
  fs.mkdirSync(cache);
  const own = { ...env, KVM_FABRIC_CACHE: cache };
  for (let round = 0; round < 2; round += 1) {
    const down = spawnSync(
      process.execPath,
      ["--require", "./lab/bootstrap/typescript.js", "lab/main.ts", "down", "--all"],
      {
        cwd: clone,
        env: own,
        encoding: "utf8",
      },
    );
    expect({ code: down.status, stderr: down.stderr }).toMatchObject({ code: 0 });
    expect(fs.existsSync(state)).toBe(false);
    expect(fs.existsSync(cache)).toBe(false);
  }
});

/** Files of the clone that differ from the repository's, or that the repository does not know. */
function repositoryChanges(): string[] {
  const known = new Set(repositoryFiles());
  return fs
    .readdirSync(clone, { recursive: true, encoding: "utf8" })
    .filter(
      (file) => !file.startsWith("node_modules") && !file.startsWith("components/node_modules"),
    )
    .filter((file) => fs.statSync(path.join(clone, file)).isFile())
    .filter((file) => {
      const original = path.join(repository, file);
      return (
        !known.has(file) ||
        !fs.readFileSync(original).equals(fs.readFileSync(path.join(clone, file)))
      );
    });
}
