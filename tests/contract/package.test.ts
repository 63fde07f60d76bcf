import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../support/source-files";

/** The classes of each face, and the one SDK that it needs beside the peers of all. */
const faces: Record<string, { classes: string[]; sdk?: string }> = {
  kubernetes: {
    classes: [
      ...["ApiGateway", "ClusterAutoscaler", "Consul", "KarpenterNodePools", "Namespaces"],
      ...["NodeProvisioner", "Postgres", "Queen", "Redis", "TraceUploader", "WorkerDaemonSet"],
    ],
  },
  aws: {
    classes: [
      ...["AwsCluster", "AwsClusterAutoscaler", "AwsKvmNodePool", "AwsNetwork", "AwsPostgres"],
      ...["AwsRedis", "AwsTraceUploader", "Karpenter"],
    ],
    sdk: "@pulumi/aws",
  },
  azure: {
    classes: [
      ...["AzureCluster", "AzureKvmNodePool", "AzureNetwork", "AzurePostgres", "AzureRedis"],
      ...["AzureTraceUploader", "KarpenterNodePools"],
    ],
    sdk: "@pulumi/azure-native",
  },
  "bare-metal": {
    classes: ["BareMetalCluster", "BareMetalKvmNodePool"],
    sdk: "@pulumi/command",
  },
  gcp: {
    classes: [
      ...["GcpCluster", "GcpKvmNodePool", "GcpNetwork", "GcpPostgres", "GcpRedis"],
      "GcpTraceUploader",
    ],
    sdk: "@pulumi/gcp",
  },
};
const components = [...new Set(Object.values(faces).flatMap(({ classes }) => classes))].sort();
const peers = ["@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/random", "@pulumi/tls"];
const modules = path.join(repository, "node_modules");
/** What an installation brings along by itself. */
const { dependencies = {} } = readJson(path.join(repository, "components/package.json"));

let work: string;
/** Where consumers of one face are: apart from the folder that has every SDK, where Node.js would look too. */
let apart: string;
let installed: string;
/** A consumer of each face, by its name: a folder with the package, the peers and that face's SDK alone. */
const consumers = new Map<string, string>();

// What `npm run package`, `npm pack` and an installation do, in a folder that knows nothing of the repository.
beforeAll(() => {
  work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-package-"));
  apart = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-consumers-"));
  const built = path.join(work, "built");
  run(process.execPath, [path.join(repository, "build/package.js"), built]);
  run("npm", ["pack", "--offline", "--ignore-scripts", "--silent", built]);
  const [tarball = ""] = fs.readdirSync(work).filter((file) => file.endsWith(".tgz"));
  run("tar", ["-xzf", tarball]);
  installed = path.join(work, "node_modules", "kvm-fabric");
  install(
    work,
    Object.values(faces).flatMap(({ sdk = [] }) => sdk),
  );
  for (const [face, { sdk = [] }] of Object.entries(faces)) {
    const folder = path.join(apart, face);
    install(folder, [sdk].flat());
    consumers.set(face, folder);
  }
});

/** A copy of the package, so that it finds what the consumer has; links to the rest. */
function install(folder: string, sdks: string[]): void {
  const target = path.join(folder, "node_modules");
  fs.mkdirSync(path.join(target, "@pulumi"), { recursive: true });
  fs.cpSync(path.join(work, "package"), path.join(target, "kvm-fabric"), { recursive: true });
  // The peers, and the types of Node.js that Pulumi's SDK brings along.
  for (const name of [...peers, ...Object.keys(dependencies), ...sdks, "@types"]) {
    fs.symlinkSync(path.join(modules, name), path.join(target, name));
  }
}

afterAll(() => {
  for (const folder of [work, apart]) fs.rmSync(folder, { recursive: true, force: true });
});

function run(program: string, args: string[], cwd = work): string {
  const env = { ...process.env, npm_config_update_notifier: "false" };
  return execFileSync(program, args, { cwd, env, encoding: "utf8", stdio: "pipe" });
}

type Manifest = Record<string, unknown> & { dependencies?: Record<string, string> };

function readJson(file: string): Manifest {
  return JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
}

/**
 * What plain Node.js loads under a name, in a consumer: the classes, from which file, and which of some other names it
 * finds there too.
 */
function loadedBy(entry: string, folder = work, others: string[] = []): unknown {
  const program = `
    const loaded = require("${entry}");
    const isClass = (name) => typeof loaded[name] === "function" && /^class/.test(String(loaded[name]));
    const isFound = (name) => {
      try {
        require(name);
        return true;
      } catch (error) {
        if (error.code === "MODULE_NOT_FOUND") return false;
        throw error;
      }
    };
    console.log(JSON.stringify({
      classes: Object.keys(loaded).filter(isClass).sort(),
      from: require.resolve("${entry}"),
      others: ${JSON.stringify(others)}.filter(isFound),
    }));`;
  return JSON.parse(run(process.execPath, ["--eval", program], folder));
}

test("the plain import is the face that needs no cloud's SDK", () => {
  expect(loadedBy("kvm-fabric")).toEqual({
    classes: faces.kubernetes?.classes,
    from: path.join(installed, "kubernetes.js"),
    others: [],
  });
});

const clouds = Object.keys(faces).filter((face) => faces[face]?.sdk !== undefined);

test.each(Object.entries(faces))(
  "a consumer of kvm-fabric/%s loads its classes with plain Node.js and no SDK beside its own, and has no other face",
  (face, { classes }) => {
    const folder = consumers.get(face) ?? "";
    const from = path.join(folder, "node_modules", "kvm-fabric", `${face}.js`);
    const others = clouds.filter((cloud) => cloud !== face).map((cloud) => `kvm-fabric/${cloud}`);
    expect(loadedBy(`kvm-fabric/${face}`, folder, others)).toEqual({ classes, from, others: [] });
  },
);

/** What the compiler says of consumers' programs, by the programs' names: one run for all of them. */
function complaints(programs: Record<string, string>): Record<string, string> {
  for (const [file, text] of Object.entries(programs)) fs.writeFileSync(file, text);
  const tsc = path.join(modules, "@typescript", "native", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--types", "node"];
  const args = [tsc, ...options, "--skipLibCheck", "--pretty", "false", ...Object.keys(programs)];
  const { stdout } = spawnSync(process.execPath, args, { cwd: work, encoding: "utf8" });
  const lines = stdout.trimEnd().split("\n");
  const of = (file: string) => lines.filter((line) => path.resolve(work, line).startsWith(file));
  return Object.fromEntries(Object.keys(programs).map((file) => [file, of(file).join("\n")]));
}

const consumer = `
import * as pulumi from "@pulumi/pulumi";
import { WorkerDaemonSet, type WorkerDaemonSetArgs } from "kvm-fabric";
import { NodeProvisioner } from "kvm-fabric/kubernetes";
export const args: WorkerDaemonSetArgs = { assetSet: "assets-1", image: "worker", namespace: "agents" };
export const start = (): pulumi.Output<string> => new WorkerDaemonSet("workers", args).daemonSetName;
export const kinds = [NodeProvisioner, WorkerDaemonSet];
`;

test("consumers' compiler finds the types, and holds them to these", () => {
  const programs: Record<string, string> = {
    [path.join(work, "right.ts")]: consumer,
    [path.join(work, "wrong.ts")]: consumer.replace('image: "worker"', "image: 7"),
  };
  for (const [face, { classes }] of Object.entries(faces)) {
    const uses = classes.map((name) => `${name}: fabric.${name}`).join(", ");
    const text = `import * as fabric from "kvm-fabric/${face}";\nexport const all = { ${uses} };\n`;
    const wrong = text.replace(`fabric.${classes[0] ?? ""}`, "fabric.Nothing");
    programs[path.join(consumers.get(face) ?? "", "right.ts")] = text;
    programs[path.join(consumers.get(face) ?? "", "wrong.ts")] = wrong;
  }
  const found = complaints(programs);
  const expected = Object.keys(programs).map((file) => {
    if (file.endsWith("right.ts")) return [file, ""];
    const what = path.dirname(file) === work ? "TS2322" : "TS2339";
    return [file, expect.stringMatching(`^\\S+: error ${what}: [^\n]*$`) as unknown];
  });
  expect(found).toEqual(Object.fromEntries(expected));
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
  // Exact versions: what they make is part of what a stack is made of.
  expect(published.dependencies).toEqual(dependencies);
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
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

const network = `
const pulumi = require("@pulumi/pulumi");
const made = [];
pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    made.push(type);
    return { id: name, state: { arn: "arn:aws:x:us-east-1:123456789012:" + name, ...inputs } };
  },
  call: () => ({}),
}).then(async () => {
  const { AwsNetwork } = require("kvm-fabric/aws");
  const network = new AwsNetwork("net", { zones: ["us-east-1a", "us-east-1b"] });
  await new Promise((resolve) => network.vpcId.apply(resolve));
  console.log(JSON.stringify(made.filter((type) => /Network|:Vpc$/.test(type)).sort()));
});`;

test("a consumer of kvm-fabric/aws makes a network with @pulumi/aws alone", () => {
  const answer = run(process.execPath, ["--eval", network], consumers.get("aws"));
  expect(JSON.parse(answer)).toEqual(["aws:ec2/vpc:Vpc", "kvm-fabric:index:AwsNetwork"]);
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
