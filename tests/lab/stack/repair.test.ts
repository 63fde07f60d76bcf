import * as fs from "node:fs";
import * as path from "node:path";
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
  const name = urn.split("::").at(-1) ?? "";
  const accounts = await lab.client.list("v1", "ServiceAccount");
  const account = accounts.find(({ metadata }) => name.startsWith(metadata.name ?? "-"));
  if (!account) throw new Error(`no account for ${urn}`);
  await lab.client.remove(account);
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

test("the lock of an engine that is gone is freed, that of one at work is not", async () => {
  const backend = path.join(lab.state, "pulumi-state", ".pulumi", "locks", "organization", "small");
  const folder = path.join(backend, stack.stack);
  fs.mkdirSync(folder, { recursive: true });
  const lock = (pid: number) => {
    const content = { pid, username: "u", hostname: "h", timestamp: new Date().toISOString() };
    fs.writeFileSync(path.join(folder, "00000000.json"), JSON.stringify(content));
  };
  lock(process.pid);
  await expect(repairStack(stack, findInCluster(lab.client))).rejects.toThrow(/pulumi is at work/);
  // Process ids end below 2^22.
  lock(2 ** 22 + 1);
  expect(await repairStack(stack, findInCluster(lab.client))).toEqual([
    "the lock that the last run left behind",
  ]);
  expect(fs.existsSync(folder) ? fs.readdirSync(folder) : []).toEqual([]);
});
