import { execFileSync } from "node:child_process";
import { labClient } from "../../../lab/cluster/cluster";
import { repository } from "../../../lab/commands/child";
import { nodeArguments } from "../../../lab/node-command";
import { labProcesses } from "../../../lab/processes";
import { listSimulatedClusters } from "../../../lab/simulated-clusters/record";
import { cloudObjects } from "../../../lab/simulated-clusters/world";
import { prepareStack } from "../../../lab/stack/engine";
import { unprotectStack } from "../../../lab/stack/unprotect";
import { simulatedClustersOf } from "../../../lab/commands/stack-target";
import { labStack, type LabStack } from "../../support/lab-stack";
import { withOwnLab } from "../../support/own-lab";
import { variant as test } from "../../support/whole";

const lab = withOwnLab();

const PROGRAM = "tests/lab/simulated-clusters/clouds-program";
const settings = (fabric: Record<string, unknown> = {}) => ({
  "kvm-fabric:fabric": { clusters: ["one", "two"], nodes: 2, ...fabric },
});

let stack: LabStack;
let other: LabStack;

beforeAll(async () => {
  stack = await labStack(lab, PROGRAM, settings());
  other = await labStack(lab, PROGRAM, {
    "kvm-fabric:fabric": { clusters: ["three"], nodes: 1 },
  });
});

async function nodesAndMaps(): Promise<Record<string, { nodes: number; maps: string[] }>> {
  const found: Record<string, { nodes: number; maps: string[] }> = {};
  for (const { cluster, folder } of listSimulatedClusters(lab.state)) {
    const client = labClient(folder);
    const nodes = await client.list("v1", "Node");
    const maps = await client.list("v1", "ConfigMap", { namespace: "default" });
    client.close();
    const names = maps.map(({ metadata }) => metadata.name ?? "");
    found[cluster.name] = {
      nodes: nodes.length,
      maps: names.filter((name) => name.startsWith("of-")),
    };
  }
  return found;
}

test("one up makes clusters and what is in them, by their own kubeconfigs", async () => {
  await stack.must("up", "--yes", "--skip-preview");
  expect(await nodesAndMaps()).toMatchObject({
    one: { nodes: 2, maps: ["of-one"] },
    two: { nodes: 2, maps: ["of-two"] },
    gke: { maps: ["of-gke"] },
  });
});

test("a second up changes nothing, and neither does a refresh", async () => {
  await stack.must("up", "--yes", "--expect-no-changes");
  await stack.must("refresh", "--yes", "--expect-no-changes");
});

test("a pool that grows has more nodes, in its cluster alone", async () => {
  await prepareStack(stack, { config: settings({ nodes: 3 }) });
  await stack.must("up", "--yes", "--skip-preview");
  expect(await nodesAndMaps()).toMatchObject({ one: { nodes: 3 }, two: { nodes: 3 } });
});

test("a stack knows its clusters from those of others", async () => {
  await prepareStack(other, { config: { "kvm-fabric:fabric": { clusters: ["three"], nodes: 1 } } });
  const found = await simulatedClustersOf(stack, lab.state);
  for (const { client } of found) client.close();
  expect(found.map(({ title }) => title)).toEqual([
    "the simulated cluster gke",
    "the simulated cluster one",
    "the simulated cluster two",
  ]);
  expect(await simulatedClustersOf(other, lab.state)).toEqual([]);
});

test("the lab's status counts what is simulated", () => {
  const command = nodeArguments("lab/main.ts", "lab", "status");
  const env = { ...process.env, KVM_FABRIC_LAB: lab.state };
  const text = execFileSync(process.execPath, command, { cwd: repository, env, encoding: "utf8" });
  expect(text).toMatch(
    /simulated cluster one \(aws:eks\/cluster:Cluster\): https:\/\/127\.0\.0\.1:\d+, \d+ MiB/,
  );
  expect(text).toMatch(/simulated cloud objects: \d+ of aws, 1 of gcp/);
  expect(text).toContain("the lab is up");
});

test("what is protected cannot be destroyed; without protection one destroy leaves nothing", async () => {
  const { code, output } = await stack.run("destroy", "--yes");
  expect(code).not.toBe(0);
  expect(output).toContain("protect");
  // A destroy without a preview takes half of it away before it comes to what is protected.
  expect((await stack.run("destroy", "--yes", "--skip-preview")).code).not.toBe(0);
  await unprotectStack(stack, { config: settings({ nodes: 3 }) });
  await stack.must("destroy", "--yes", "--skip-preview");
  expect(listSimulatedClusters(lab.state)).toEqual([]);
  expect(cloudObjects(lab.state)).toEqual([]);
  expect(labProcesses(lab.state).length).toBeGreaterThan(0);
});
