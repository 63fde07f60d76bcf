import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../support/source-files";

const components = ["Consul", "Namespaces", "NodeProvisioner", "WorkerDaemonSet"];
const peers = ["@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/random", "@pulumi/tls"];
const modules = path.join(repository, "node_modules");

let work: string;
let installed: string;

// What `npm run package`, `npm pack` and an installation do, in a folder that knows nothing of the repository.
beforeAll(() => {
  work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-package-"));
  const built = path.join(work, "built");
  run(process.execPath, [path.join(repository, "build/package.js"), built]);
  run("npm", ["pack", "--offline", "--ignore-scripts", "--silent", built]);
  const [tarball = ""] = fs.readdirSync(work).filter((file) => file.endsWith(".tgz"));
  run("tar", ["-xzf", tarball]);
  installed = path.join(work, "node_modules", "kvm-fabric");
  fs.mkdirSync(path.join(work, "node_modules", "@pulumi"), { recursive: true });
  fs.renameSync(path.join(work, "package"), installed);
  // The peers, and the types of Node.js that Pulumi's SDK brings along.
  for (const name of [...peers, "@types"]) {
    fs.symlinkSync(path.join(modules, name), path.join(work, "node_modules", name));
  }
}, 60_000);

afterAll(() => {
  fs.rmSync(work, { recursive: true, force: true });
});

function run(program: string, args: string[]): string {
  const env = { ...process.env, npm_config_update_notifier: "false" };
  return execFileSync(program, args, { cwd: work, env, encoding: "utf8", stdio: "pipe" });
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
}

test.each(["kvm-fabric", "kvm-fabric/kubernetes"])("plain Node.js loads %s", (entry) => {
  const program = `
    const loaded = require("${entry}");
    const isClass = (name) => typeof loaded[name] === "function" && /^class/.test(String(loaded[name]));
    console.log(JSON.stringify({
      classes: Object.keys(loaded).filter(isClass).sort(),
      from: require.resolve("${entry}"),
    }));`;
  const loaded: unknown = JSON.parse(run(process.execPath, ["--eval", program]));
  expect(loaded).toEqual({ classes: components, from: path.join(installed, "kubernetes.js") });
});

/** Compiles a program as a consumer does and answers the compiler's complaints. */
function complaints(program: string): string {
  fs.writeFileSync(path.join(work, "program.ts"), program);
  const tsc = path.join(modules, "@typescript", "native", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--types", "node"];
  try {
    return run(process.execPath, [tsc, ...options, "--skipLibCheck", "program.ts"]);
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

const consumer = `
import * as pulumi from "@pulumi/pulumi";
import { WorkerDaemonSet, type WorkerDaemonSetArgs } from "kvm-fabric";
import { NodeProvisioner } from "kvm-fabric/kubernetes";
export const args: WorkerDaemonSetArgs = { assetSet: "assets-1", image: "worker", namespace: "agents" };
export const start = (): pulumi.Output<string> => new WorkerDaemonSet("workers", args).daemonSetName;
export const kinds = [NodeProvisioner, WorkerDaemonSet];
`;

test("a consumer's compiler finds the types", () => {
  expect(complaints(consumer)).toBe("");
});

test("and holds the consumer to them", () => {
  const wrong = consumer.replace('image: "worker"', "image: 7");
  expect(complaints(wrong)).toContain("Type 'number' is not assignable to type 'string'");
});

test("the manifest promises what the sources' manifest does, and can be published", () => {
  const source = readJson(path.join(repository, "components/package.json"));
  const published = readJson(path.join(installed, "package.json"));
  for (const key of [
    "name",
    "version",
    "license",
    "engines",
    "peerDependencies",
    "peerDependenciesMeta",
    "pulumi",
  ]) {
    expect(published[key]).toEqual(source[key]);
  }
  expect(source.private).toBe(true);
  expect(published.private).toBeUndefined();
  expect(published.dependencies).toBeUndefined();
  expect(Object.keys(published.exports as object)).toEqual(Object.keys(source.exports as object));
});

test("every entry of the manifest is in the tarball, with licence, guide and plugin", () => {
  const { exports } = readJson(path.join(installed, "package.json"));
  const entries = Object.values(exports as Record<string, string | Record<string, string>>);
  const files = entries.flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry),
  );
  const expected = [...files, "LICENSE", "README.md", "PulumiPlugin.yaml"];
  expect(expected.filter((file) => !fs.existsSync(path.join(installed, file)))).toEqual([]);
});

test("nothing of the repository's place is in the tarball", () => {
  const files = fs.readdirSync(installed, { recursive: true, encoding: "utf8" });
  const texts = files
    .map((file) => path.join(installed, file))
    .filter((f) => fs.statSync(f).isFile());
  expect(texts.length).toBeGreaterThan(50);
  expect(texts.filter((file) => fs.readFileSync(file, "utf8").includes(repository))).toEqual([]);
});

test("the schema of every component can be read from the installed package", () => {
  const program = `
    const { Analyzer } = require(${JSON.stringify(path.join(modules, "@pulumi/pulumi/provider/experimental/analyzer.js"))});
    const manifest = require("kvm-fabric/package.json");
    const names = new Set(${JSON.stringify(components)});
    const analyzer = new Analyzer(${JSON.stringify(installed)}, manifest.name, manifest, names);
    console.log(JSON.stringify(Object.keys(analyzer.analyze().components).sort()));`;
  const found: unknown = JSON.parse(run(process.execPath, ["--eval", program]));
  expect(found).toEqual(components);
});
