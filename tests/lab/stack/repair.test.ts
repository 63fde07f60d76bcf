import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { KubeObject } from "../../../lab/kube/objects";
import { findInCluster } from "../../../lab/stack/find-object";
import { repairStack } from "../../../lab/stack/repair";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();
let stack: LabStack;

const ACCOUNT = "kubernetes:core/v1:ServiceAccount";

beforeAll(async () => {
  stack = await labStack(lab, "tests/lab/fabric/programs/small", {
    "small:namespace": await lab.namespace(),
  });
  await stack.must("up", "--yes", "--skip-preview");
});

afterAll(async () => {
  await stack.must("destroy", "--yes", "--skip-preview");
  await stack.remove();
});

/** Makes the state what it is when the engine dies after an object was made and before that is recorded. */
function forgetOne(type: string): string {
  // `stack import` drops operations under way, so the file itself is written.
  const file = stack.stateFile();
  const state = JSON.parse(fs.readFileSync(file, "utf8"));
  const { latest } = state.checkpoint;
  const index = latest.resources.findIndex((resource: { type: string }) => resource.type === type);
  const [resource] = latest.resources.splice(index, 1);
  for (const other of latest.resources) {
    other.dependencies = other.dependencies?.filter((urn: string) => urn !== resource.urn);
    other.propertyDependencies = {};
  }
  delete resource.id;
  delete resource.outputs;
  latest.pending_operations = [{ type: "creating", resource }];
  fs.writeFileSync(file, JSON.stringify(state));
  return resource.urn;
}

async function urns(): Promise<string[]> {
  return (await stack.resources()).map(({ urn }) => urn);
}

test("an object that an interrupted create made is taken into the state", async () => {
  const urn = forgetOne(ACCOUNT);
  expect(await urns()).not.toContain(urn);
  const settled = await repairStack(stack, findInCluster(lab.client));
  expect(settled).toEqual([expect.stringMatching(/^creating .*ServiceAccount/)]);
  expect(await urns()).toContain(urn);
  const output = await stack.must("up", "--yes", "--skip-preview");
  expect(output).not.toMatch(/\d+ (created|deleted|replaced)/);
  expect(await repairStack(stack, findInCluster(lab.client))).toEqual([]);
});

test("what was not made yet is forgotten, and made by the next up", async () => {
  const urn = forgetOne(ACCOUNT);
  await lab.client.remove(await accountOf(urn));
  await repairStack(stack, findInCluster(lab.client));
  expect(await urns()).not.toContain(urn);
  const output = await stack.must("up", "--yes", "--skip-preview");
  expect(output).toMatch(/\+ 1 created/);
});

test("a value that only the state knew is made anew", async () => {
  const urn = forgetOne("random:index/randomPassword:RandomPassword");
  await repairStack(stack, findInCluster(lab.client));
  expect(await urns()).not.toContain(urn);
  await stack.must("up", "--yes", "--skip-preview");
  expect(await urns()).toContain(urn);
});

test("a stranger's object is not taken for ours, and the next up says that it exists", async () => {
  const urn = forgetOne(ACCOUNT);
  const account = await accountOf(urn);
  const { name, namespace = "" } = account.metadata;
  const { apiVersion, kind } = account;
  await lab.client.remove(account);
  const stranger = { apiVersion, kind, metadata: { name: name ?? "", namespace } };
  await lab.client.create(stranger, { fieldManager: "kubectl-create" });
  await repairStack(stack, findInCluster(lab.client));
  expect(await urns()).not.toContain(urn);
  const { code, output } = await stack.run("up", "--yes", "--skip-preview");
  expect(code).not.toBe(0);
  expect(output).toMatch(/already exists/);
  await lab.client.remove(stranger);
  await stack.must("up", "--yes", "--skip-preview");
});

test("an object older than the interrupted run is not its own", async () => {
  const urn = forgetOne(ACCOUNT);
  const account = await accountOf(urn);
  const created = Date.parse(String(account.metadata.creationTimestamp));
  const find = findInCluster(lab.client);
  const create = { urn, type: ACCOUNT, inputs: { ...account } };
  expect(await find({ ...create, since: new Date(created + 60_000) })).toBeUndefined();
  expect(await find({ ...create, since: new Date(created - 60_000) })).toBeDefined();
  // The lock of the killed run says when it began.
  writeLock(DEAD, new Date(created + 60_000));
  await repairStack(stack, find);
  expect(await urns()).not.toContain(urn);
  await lab.client.remove(account);
  await stack.must("up", "--yes", "--skip-preview");
});

test("a repair that was killed before it read the state again is taken up", async () => {
  const urn = (await urns()).find((one) => one.includes(ACCOUNT)) ?? "";
  await lab.client.remove(await accountOf(urn));
  const marker = path.join(stack.folder, "settled-state.json");
  fs.writeFileSync(marker, "{}");
  const settled = await repairStack(stack, findInCluster(lab.client));
  expect(settled).toEqual(["the reading of the state that the last repair began"]);
  expect(await urns()).not.toContain(urn);
  expect(fs.existsSync(marker)).toBe(false);
  await stack.must("up", "--yes", "--skip-preview");
});

/** Above every process id. */
const DEAD = 2 ** 22 + 1;

function lockFolder(): string {
  const locks = path.join(lab.state, "pulumi-state", ".pulumi", "locks", "organization", "small");
  return path.join(locks, stack.stack);
}

function writeLock(pid: number, timestamp = new Date()): void {
  fs.mkdirSync(lockFolder(), { recursive: true });
  const content = { pid, username: "u", hostname: "h", timestamp: timestamp.toISOString() };
  fs.writeFileSync(path.join(lockFolder(), "00000000.json"), JSON.stringify(content));
}

async function accountOf(urn: string): Promise<KubeObject> {
  const name = urn.split("::").at(-1) ?? "";
  const accounts = await lab.client.list("v1", "ServiceAccount");
  const account = accounts.find(({ metadata }) => name.startsWith(metadata.name ?? "-"));
  if (!account) throw new Error(`no account for ${urn}`);
  return account;
}

test("the lock of an engine that is gone is freed, that of one at work is not", async () => {
  const program = path.join(stack.folder, "pulumi");
  fs.writeFileSync(program, "#!/bin/sh\necho up; read forever\n", { mode: 0o755 });
  const engine = spawn(program);
  await new Promise((resolve) => engine.stdout.once("data", resolve));
  const find = findInCluster(lab.client);
  const freed = ["the lock that the last run left behind"];

  writeLock(engine.pid ?? 0);
  await expect(repairStack(stack, find)).rejects.toThrow(/pulumi is at work/);
  // Its process id was given to this pulumi an hour later.
  writeLock(engine.pid ?? 0, new Date(Date.now() - 3_600_000));
  expect(await repairStack(stack, find)).toEqual(freed);
  engine.kill();
  // To a program that is no pulumi.
  writeLock(process.pid);
  expect(await repairStack(stack, find)).toEqual(freed);
  writeLock(DEAD);
  expect(await repairStack(stack, find)).toEqual(freed);
  expect(fs.existsSync(lockFolder()) ? fs.readdirSync(lockFolder()) : []).toEqual([]);
});
