import { parse } from "yaml";
import * as fs from "node:fs";
import * as path from "node:path";
import { repository } from "../../../lab/commands/child";
import { readStatus } from "../../../lab/status/read";
import { fieldAt } from "../../../lab/kube/objects";
import { prepareStack } from "../../../lab/stack/engine";
import { inventory } from "../../support/inventory";
import { withOwnLab } from "../../support/own-lab";
import { labStack, type LabStack } from "../../support/lab-stack";
import { eventually, eventuallyEquals } from "../../support/wait";

const lab = withOwnLab();

const { config } = parse(fs.readFileSync(path.join(repository, "Pulumi.dev.yaml"), "utf8"));
const FABRIC = "kvm-fabric:fabric";

// The tests of this file are one story of one stack, told in order.
let stack: LabStack;
let before: { objects: string[]; nodes: Record<string, unknown> };
const said: string[] = [];

async function run(...args: string[]): Promise<string> {
  const output = await stack.must(...args);
  said.push(output);
  return output;
}

async function withConfig(change: (fabric: any) => void): Promise<void> {
  const changed = structuredClone(config);
  change(changed[FABRIC]);
  await prepareStack(stack, { config: changed });
}

beforeAll(async () => {
  stack = await labStack(lab, ".", config);
  before = { objects: await inventory(lab.client), nodes: await nodeMarks() };
});

test("a first preview and up make the fabric", async () => {
  await run("preview", "--diff");
  const output = await run("up", "--yes", "--skip-preview");
  expect(output).toMatch(/\+ \d+ created/);
});

test("every KVM node is proven, runs its worker, and Consul and the services are whole", async () => {
  const status = await eventually("a settled fabric", async () => {
    const now = await readStatus(lab.client);
    const nodes = now.nodes.filter(({ pool }) => pool === "lab-kvm");
    const settled =
      nodes.every(({ proven }) => proven) &&
      now.workers.every(({ ready, desired }) => ready === desired && desired === nodes.length) &&
      now.services.every(({ ready, desired }) => ready === desired);
    return settled && now;
  });
  expect(status.workers.map(({ name, ready }) => [name, ready])).toEqual([["fabric-worker", 3]]);
  expect(status.consul.map(({ name, ready, desired }) => [name, ready, desired])).toEqual([
    ["fabric-consul", 3, 3],
  ]);
  expect(
    status.services.map(({ kind, namespace, name, ready }) => [kind, namespace, name, ready]),
  ).toEqual([
    ["StatefulSet", "fabric-agents", "fabric-queen", 1],
    ["StatefulSet", "fabric-services", "fabric-redis", 1],
    ["Deployment", "fabric-services", "fabric-gateway", 1],
  ]);
});

test("a second up changes nothing, and neither does a refresh", async () => {
  await run("up", "--yes", "--expect-no-changes");
  await run("refresh", "--yes", "--expect-no-changes");
});

test("no secret is seen: not in what pulumi says, not in the state's file, not outside Secrets", async () => {
  await withConfig((fabric) => (fabric.workers.worker.environment = { COLOUR: "blue" }));
  await run("preview", "--diff", "--show-replacement-steps");
  await prepareStack(stack, { config });
  const secrets = secretsIn(JSON.parse(await stack.must("stack", "export", "--show-secrets")));
  // Keys and tokens of Consul, logins of Redis, and the keys of Consul's, Queen's and Redis' certificates, at least.
  expect(secrets.length).toBeGreaterThanOrEqual(30);
  const objects = await everythingButSecrets();
  for (const secret of secrets) {
    expect(said.join("\n").includes(secret)).toBe(false);
    expect(stack.stateText().includes(JSON.stringify(secret).slice(1, -1))).toBe(false);
    expect(objects.includes(JSON.stringify(secret).slice(1, -1))).toBe(false);
  }
});

test("what the API server would refuse fails at preview, and nothing changes", async () => {
  const state = stack.stateText();
  // Minute 61: five fields, so it looks right to a planner.
  await withConfig((fabric) => (fabric.consul.snapshots = { schedule: "61 * * * *" }));
  const { code, output } = await stack.run("up", "--yes");
  expect(code).not.toBe(0);
  expect(output).toContain("61");
  expect(output).not.toContain("Updating (");
  expect(stack.stateText()).toBe(state);
  await prepareStack(stack, { config });
});

test("a wrong configuration is refused in one message that names every fault", async () => {
  await withConfig((fabric) => {
    fabric.colour = "blue";
    fabric.workers.worker.image = "worker:latest";
    delete fabric.provisioner.assets.amd64.kernel.sha256;
  });
  const { code, output } = await stack.run("preview");
  expect(code).not.toBe(0);
  // Pulumi says it as it happens, and again at the end.
  const diagnostics = output.slice(output.indexOf("Diagnostics:"));
  expect(diagnostics.match(/has 3 faults:/g)).toHaveLength(1);
  for (const path of ["colour", "workers.worker.image", "provisioner.assets.amd64.kernel.sha256"]) {
    expect(diagnostics).toContain(`${FABRIC}.${path}: `);
  }
  expect(output).not.toMatch(/\n\s+at .*\.ts:\d+/);
  expect(output).not.toMatch(/\+ .* create/);
  await prepareStack(stack, { config });
});

test("a destroy leaves nothing", async () => {
  await run("destroy", "--yes", "--skip-preview");
  await stack.remove();
  // Volumes go a moment after their claims, as with any provisioner.
  await eventuallyEquals(() => inventory(lab.client), before.objects);
  await eventuallyEquals(nodeMarks, before.nodes);
});

/** Labels and taints of the lab's own nodes; the gate may stay open, so startup taints do not count. */
async function nodeMarks(): Promise<Record<string, unknown>> {
  const nodes = await lab.client.list("v1", "Node", { query: { labelSelector: POOL } });
  const marks = nodes.map(({ metadata, spec }) => {
    const taints = (fieldAt(spec, "taints") as { key: string }[] | undefined) ?? [];
    const kept = taints.filter(({ key }) => !key.endsWith("/not-ready"));
    // The node controller adds its deprecated labels some time after a node joined.
    const labels = Object.entries(metadata.labels ?? {});
    const lasting = labels.filter(([key]) => !key.startsWith("beta.kubernetes.io/"));
    return [metadata.name ?? "", { labels: Object.fromEntries(lasting), taints: kept }] as const;
  });
  return Object.fromEntries(marks);
}

const POOL = "kvm-fabric.dev/pool=lab-kvm";

/** What anybody may read, also where it is kept beside its key: Queen's outputs have both. */
function isCertificate(text: string): boolean {
  return /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?$/.test(text);
}

/** Every secret text of a state exported with --show-secrets that is long enough to be told apart. */
function secretsIn(state: unknown): string[] {
  const found = new Set<string>();
  const texts = (value: unknown): void => {
    if (typeof value === "string" && value.length >= 16 && !isCertificate(value)) found.add(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(texts);
  };
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const plaintext = fieldAt(value, "plaintext");
    if (typeof plaintext === "string") texts(JSON.parse(plaintext));
    Object.values(value).forEach(visit);
  };
  visit(state);
  return [...found];
}

async function everythingButSecrets(): Promise<string> {
  const objects: unknown[] = [];
  await inventory(lab.client, (object) => {
    if (object.kind !== "Secret") objects.push(object);
    return false;
  });
  return JSON.stringify(objects);
}
