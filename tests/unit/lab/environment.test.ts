import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  findLabRecord,
  labEnvironment,
  labVariables,
  type LabRecord,
  prepareEnvironment,
  readLabRecord,
  removeLabRecord,
  shellExports,
  writeLabRecord,
} from "../../../lab/environment";

const record: LabRecord = {
  pulumi: "/opt/pulumi",
  kubectl: "/opt/kubectl",
  providers: "kubernetes:1,random:2,tls:2",
};

let root: string;
let state: string;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-environment-"));
  state = path.join(root, `it's "my" $HOME \`lab\` \\ here`);
  fs.mkdirSync(state);
});

afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

// What a POSIX shell makes of the exports, in an environment where the user's own settings are in the way.
function inShell(): Record<string, string> {
  const script = `${shellExports(state, record)}exec ${process.execPath} -p 'JSON.stringify(process.env)'`;
  const env = { PATH: "/usr/bin:/bin", PULUMI_CONFIG_PASSPHRASE: "mine", KUBECONFIG: "mine" };
  return JSON.parse(execFileSync("sh", ["-eu", "-c", script], { env, encoding: "utf8" }));
}

test("a shell that evaluates the exports has exactly the lab's variables, whatever the folder is called", () => {
  const env = inShell();
  expect(env).toMatchObject(labVariables(state, record));
  expect(env.PATH).toBe(`${state}/bin:/usr/bin:/bin`);
  expect(env).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE");
});

test("every line is an export or an unset, so that it can be evaluated", () => {
  const lines = shellExports(state, record).trimEnd().split("\n");
  expect(lines.filter((line) => !/^(export [A-Z_]+=|unset [A-Z_]+$)/.test(line))).toEqual([]);
});

test("a child process gets the same, on top of the rest of its parent's environment", () => {
  const base = { PATH: "/usr/bin:/bin", HOME: "/home/me", PULUMI_CONFIG_PASSPHRASE: "mine" };
  const env = labEnvironment(state, record, base);
  expect(env).toEqual({
    HOME: "/home/me",
    PATH: `${state}/bin:/usr/bin:/bin`,
    ...labVariables(state, record),
  });
});

test("labs share a folder of compiled code where one is given", () => {
  const env = labEnvironment(state, record, { NODE_COMPILE_CACHE: "/shared" });
  expect(env).toMatchObject({ ...labVariables(state, record), NODE_COMPILE_CACHE: "/shared" });
});

test("the CLI finds no folder for its logs, and none of an older lab stays", () => {
  const older = path.join(root, "older");
  const logs = path.join(older, "pulumi-home", "logs");
  fs.mkdirSync(logs, { recursive: true });
  fs.writeFileSync(path.join(logs, "pulumi.log"), "");
  prepareEnvironment(older);
  prepareEnvironment(older);
  expect(fs.statSync(logs).isFile()).toBe(true);
});

test("no attachment is set where every plugin is the official one", () => {
  expect(labVariables(state, { ...record, providers: "" })).not.toHaveProperty(
    "PULUMI_DEBUG_PROVIDERS",
  );
});

test("everything that programs write lies in the lab's folder", () => {
  const { KUBECONFIG, KUBECACHEDIR, PULUMI_HOME, PULUMI_BACKEND_URL } = labVariables(state, record);
  for (const place of [KUBECONFIG, KUBECACHEDIR, PULUMI_HOME, PULUMI_BACKEND_URL]) {
    expect(place!.replace("file://", "").startsWith(`${state}/`)).toBe(true);
  }
});

test("the passphrase is long, its owner's alone, another for each lab, and stays", () => {
  prepareEnvironment(state);
  const file = labVariables(state, record).PULUMI_CONFIG_PASSPHRASE_FILE!;
  const first = fs.readFileSync(file, "utf8");
  expect(first.trim().length).toBeGreaterThanOrEqual(32);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  prepareEnvironment(state);
  expect(fs.readFileSync(file, "utf8")).toBe(first);
  const other = path.join(root, "other");
  fs.mkdirSync(other);
  prepareEnvironment(other);
  expect(fs.readFileSync(path.join(other, "passphrase"), "utf8")).not.toBe(first);
});

test("the record says whether a lab is up", () => {
  expect(() => readLabRecord(state)).toThrow("the lab is not running");
  writeLabRecord(state, record);
  expect(readLabRecord(state)).toEqual(record);
  fs.writeFileSync(path.join(state, "lab.json"), '{"pulumi":');
  expect(findLabRecord(state)).toBeUndefined();
  removeLabRecord(state);
  expect(findLabRecord(state)).toBeUndefined();
});
