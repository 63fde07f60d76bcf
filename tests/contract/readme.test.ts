import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { deploy, type Deployment } from "../support/deploy";
import { read, repository, sourceFiles } from "../support/source-files";

const modules = path.join(repository, "node_modules");
const guides = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "components/README.md"];
const documents = [
  ...guides,
  ...fs.readdirSync(path.join(repository, "docs")).map((file) => path.join("docs", file)),
];

let work: string;
let program: string;

beforeAll(() => {
  work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-readme-"));
  fs.symlinkSync(modules, path.join(work, "node_modules"));
  program = path.join(work, "index.ts");
  fs.writeFileSync(program, programs()[0] ?? "");
});

afterAll(() => {
  fs.rmSync(work, { recursive: true, force: true });
});

function programs(): string[] {
  return [...read("README.md").matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);
}

test("README shows one program, and the compiler takes it", () => {
  expect(programs()).toHaveLength(1);
  const tsc = path.join(modules, "@typescript", "native", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck"];
  const run = () =>
    execFileSync(process.execPath, [tsc, ...options, "--types", "node", program], {
      cwd: work,
      encoding: "utf8",
      stdio: "pipe",
    });
  expect(complaintsOf(run)).toBe("");
});

function complaintsOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

test("the program of README has no fault, and everything in it goes to its own cluster", async () => {
  const sum = "1".repeat(64);
  const deployment: Deployment = await deploy(
    () => {
      // oxlint-disable-next-line typescript/no-require-imports
      require(program);
    },
    {
      project: "readme",
      config: {
        "readme:context": "some-cluster",
        "readme:kernelUrl": "https://assets.example.com/vmlinux",
        "readme:kernelSha256": sum,
        "readme:rootfsUrl": "https://assets.example.com/rootfs.ext4",
        "readme:rootfsSha256": sum,
        "readme:workerImage": `registry.example.com/worker@sha256:${sum}`,
      },
    },
  );
  const tops = deployment.resources.filter(({ parent }) => parent === "");
  expect(tops.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    "kvm-fabric:index:Namespaces fabric",
    "kvm-fabric:index:NodeProvisioner provisioner",
    "kvm-fabric:index:WorkerDaemonSet workers",
    "pulumi:providers:kubernetes cluster",
  ]);
  const objects = deployment.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects.length).toBeGreaterThan(10);
  expect(objects.filter(({ provider }) => !provider.includes("::cluster::"))).toEqual([]);
});

test("every link between the guides leads to a file", () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !fs.existsSync(path.join(repository, path.dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("every npm script that a guide names exists", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/npm run (?:-s )?([a-z]+)/g)].map(([, name = ""]) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
});

test("every environment variable of the project that a guide names is read somewhere", () => {
  const named = documents.flatMap((document) => read(document).match(/KVM_FABRIC_[A-Z_]+/g) ?? []);
  const code = [
    ...sourceFiles("lab", "components", "bench", "tests").filter(
      (file) => !file.includes("readme"),
    ),
    ...fs
      .readdirSync(path.join(repository, "lab/bootstrap"))
      .map((file) => `lab/bootstrap/${file}`),
  ]
    .filter((file) => /\.(js|ts)$/.test(file))
    .map(read)
    .join("\n");
  expect(named.length).toBeGreaterThan(3);
  expect([...new Set(named)].filter((name) => !code.includes(name))).toEqual([]);
});

test("the CLI is told that components are a folder: a bare name is looked up in a registry", () => {
  const bare = documents.flatMap((document) =>
    [...read(document).matchAll(/pulumi package [a-z-]+ components\b/g)].map(
      ([text]) => `${document}: ${text}`,
    ),
  );
  expect(bare).toEqual([]);
});
