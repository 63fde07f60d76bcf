import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { labClient } from "../../../lab/cluster/cluster";
import { nodeArguments } from "../../../lab/node-command";
import { identify, isAlive, labProcesses, programOf } from "../../../lab/processes";
import { eventually } from "../../support/wait";

// Five of the cluster, Karpenter, and Node.js for all of ours.
const NUMBER_OF_PROGRAMS = 7;

const repository = path.resolve(__dirname, "../../..");

// A lab of its own, which these tests start, kill and stop.
const state = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-command-"));

afterAll(async () => {
  await lab("stop").ended;
  expect(labProcesses(state)).toEqual([]);
  fs.rmSync(state, { recursive: true, force: true });
});

function lab(...args: string[]) {
  const command = nodeArguments("lab/main.ts", "lab", ...args);
  const child = spawn(process.execPath, command, {
    cwd: repository,
    env: { ...process.env, KVM_FABRIC_LAB: state, INIT_CWD: state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => {
      resolve({ code, ...output });
    }),
  );
  return { child, ended };
}

const ownProcesses = () => labProcesses(state).map(({ pid }) => `${pid} ${programOf(pid)}`);

test("a lab that was never started says so, with the way to start it", async () => {
  for (const args of [["env"], ["kubectl", "get", "nodes"], ["nodes", "4"]]) {
    const { code, stdout, stderr } = await lab(...args).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("the lab is not running\nstart it with: npm run lab -- start\n");
  }
  expect((await lab("status").ended).code).toBe(1);
  expect((await lab("stop").ended).code).toBe(0);
});

test.each([
  [["destroy"]],
  [["nodes"]],
  [["nodes", "-3"]],
  [["nodes", "10000"]],
  [["start", "--x"]],
])("%j is refused without a stack", async (args) => {
  const { code, stderr } = await lab(...args).ended;
  expect(code).not.toBe(0);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("starts that are killed at any moment leave nothing that the next commands do not repair", async () => {
  for (const seconds of [0.7, 1.5, 2.5, 4, 6]) {
    const { child, ended } = lab("start");
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    child.kill("SIGKILL");
    await ended;
  }
  const { code, stderr } = await lab("start").ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const status = await lab("status").ended;
  expect(status.stdout).toContain("the lab is up");
  expect(status.code).toBe(0);
  // One of each: no killed start's process runs beside its successor.
  const rows = status.stdout.split("\n").filter((line) => line.includes(" MiB"));
  expect(ownProcesses()).toHaveLength(rows.length);
});

test("pods bound while a start was cut off get ready all the same", async () => {
  await lab("stop").ended;
  // Of the old data, with the nodes' leases still held by the kwok of before.
  const { child, ended } = lab("start");
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "early", namespace: "default" },
    spec: { nodeName: "plain-0000", containers: [{ name: "c", image: "x" }] },
  };
  await eventually("an API server that takes the pod", async () => {
    const client = labClient(state);
    try {
      return await client.apply(pod).catch(() => false as const);
    } finally {
      client.close();
    }
  });
  child.kill("SIGKILL");
  await ended;
  expect((await lab("start").ended).code).toBe(0);
  const ready = await lab("kubectl", "wait", "pod/early", "--for=condition=Ready", "--timeout=600s")
    .ended;
  expect(ready).toMatchObject({ code: 0 });
});

test("two starts at once end with one lab, and a further one changes nothing", async () => {
  await lab("stop").ended;
  const both = await Promise.all([lab("start").ended, lab("start").ended]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const before = ownProcesses();
  expect(new Set(before.map((process) => process.split("/").at(-1))).size).toBe(NUMBER_OF_PROGRAMS);
  expect((await lab("start").ended).code).toBe(0);
  expect(ownProcesses()).toEqual(before);
});

test("kubectl runs in it with its own exit code, from the user's folder", async () => {
  fs.writeFileSync(
    path.join(state, "object.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: here, namespace: default}\n",
  );
  const applied = await lab("kubectl", "apply", "-f", "object.yaml").ended;
  expect(applied).toMatchObject({ code: 0, stdout: "configmap/here created\n" });
  expect((await lab("kubectl", "get", "configmap", "none").ended).code).toBe(1);
});

test("the exports are all there is on stdout, and lead to the lab from a plain shell", async () => {
  const { stdout, stderr } = await lab("env").ended;
  expect(stderr).toBe("");
  const child = spawn("sh", ["-ec", `${stdout}\nkubectl config current-context; pulumi version`], {
    env: { PATH: "/usr/bin:/bin", HOME: state },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  expect(output).toMatch(/^kvm-fabric-lab\nv3\.\d+\.\d+/);
});

test("a provider that died is brought back; nothing else is touched", async () => {
  const record = path.join(state, "daemons", "simulated-cloud.json");
  const before = JSON.parse(fs.readFileSync(record, "utf8"));
  process.kill(before.pid, "SIGKILL");
  expect((await lab("status").ended).code).toBe(1);
  const others = labProcesses(state).filter(({ pid }) => pid !== before.pid);
  expect((await lab("start").ended).code).toBe(0);
  expect(others.every(isAlive)).toBe(true);
  const after = JSON.parse(fs.readFileSync(record, "utf8"));
  expect(identify(after.pid)).toBeDefined();
  expect((await lab("env").ended).stdout).toContain(`random:${after.port},tls:${after.port}`);
});

test("stop leaves no process and no lock, and keeps the data for the next start", async () => {
  expect((await lab("stop").ended).code).toBe(0);
  expect(labProcesses(state)).toEqual([]);
  expect(fs.existsSync(path.join(state, "lock"))).toBe(false);
  expect(fs.readdirSync(path.join(state, "daemons"))).toEqual([]);
  expect((await lab("start").ended).code).toBe(0);
  expect((await lab("kubectl", "get", "configmap", "here").ended).code).toBe(0);
});
