import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import type { SimulatedCluster } from "../../../lab/engine/simulated-cloud/effects";
import { kubeconfigFile, labClient } from "../../../lab/cluster/cluster";
import type { KubeClient } from "../../../lab/kube/client";
import { conditionOf, type KubeObject } from "../../../lab/kube/objects";
import { simulatedClusters } from "../../../lab/simulated-clusters/effects";
import { simulatedClusterFolder } from "../../../lab/simulated-clusters/record";
import { releaseMarker } from "../../../lab/simulators/karpenter/release";
import { ensureTools } from "../../../lab/toolchain";
import { labStack, type LabStack } from "../../support/lab-stack";
import { withOwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";

const lab = withOwnLab();

const PROGRAM = "tests/lab/simulated-clusters/karpenter-program";
const cluster: SimulatedCluster = { id: "k", type: "aws:eks/cluster:Cluster", name: "k" };

let client: KubeClient;
let stack: LabStack;

beforeAll(async () => {
  const effects = simulatedClusters({
    state: lab.state,
    tools: () => ensureTools(),
    note: () => undefined,
  });
  await effects.openCluster(cluster);
  const folder = simulatedClusterFolder(lab.state, cluster.id);
  client = labClient(folder);
  const kubeconfig = fs.readFileSync(kubeconfigFile(folder), "utf8");
  stack = await labStack(lab, PROGRAM, { "lab-karpenter:kubeconfig": kubeconfig });
});

afterAll(() => {
  client.close();
});

const list = (apiVersion: string, kind: string) => client.list(apiVersion, kind).catch(() => []);
const claims = () => list("karpenter.sh/v1", "NodeClaim");

const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "guest", namespace: "default" },
  spec: {
    nodeSelector: { "kvm-fabric.dev/kvm-enabled": "true" },
    tolerations: [{ key: "kvm-fabric.dev/worker", operator: "Exists" }],
    containers: [{ name: "c", image: "x", resources: { limits: { "kvm-fabric.dev/kvm": "60" } } }],
  },
};

test("the definitions are there once the chart is recorded, not before", async () => {
  const kinds = () =>
    list("apiextensions.k8s.io/v1", "CustomResourceDefinition").then((all) =>
      all.map(({ metadata }) => metadata.name),
    );
  expect(await kinds()).toEqual([]);
  await stack.must("up", "--yes", "--skip-preview");
  expect(await kinds()).toEqual(
    expect.arrayContaining(["ec2nodeclasses.karpenter.k8s.aws", "nodepools.karpenter.sh"]),
  );
  expect((await kinds()).filter((name) => name?.includes("kwok"))).toEqual([]);
});

test("its class and its pool get ready", async () => {
  for (const [apiVersion, kind] of [
    ["karpenter.k8s.aws/v1", "EC2NodeClass"],
    ["karpenter.sh/v1", "NodePool"],
  ] as const) {
    await eventually(`a ready ${kind}`, async () =>
      (await list(apiVersion, kind)).every((one) => conditionOf(one, "Ready")?.status === "True"),
    );
  }
  expect(await claims()).toEqual([]);
});

test("pods that ask for KVM get a machine each that they fit on, behind the startup taint", async () => {
  await client.create(pod);
  await client.create({ ...pod, metadata: { ...pod.metadata, name: "second" } });
  const two = await eventually("two nodes", async () => {
    const nodes = await client.list("v1", "Node");
    return nodes.length === 2 && nodes;
  });
  for (const node of two) {
    expect(node.metadata.labels).toMatchObject({
      "karpenter.sh/nodepool": "kvm",
      "karpenter.k8s.aws/instance-family": "m8i",
      "karpenter.sh/capacity-type": "on-demand",
      "kvm-fabric.dev/pool": "kvm",
    });
    const taints = (node.spec as any).taints.map((taint: any) => taint.key);
    expect(taints).toEqual(
      expect.arrayContaining(["kvm-fabric.dev/worker", "kvm-fabric.dev/not-ready"]),
    );
  }
  // No third one while the pods cannot be bound yet.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(await claims()).toHaveLength(2);
  for (const node of two) {
    const taints = (node.spec as any).taints.filter(
      (taint: any) => taint.key === "kvm-fabric.dev/worker",
    );
    await client.patch(node, { spec: { taints } });
  }
  await eventually("running pods and ready claims", async () => {
    const pods = await client.list("v1", "Pod");
    const all = await claims();
    return (
      pods.every(({ status }: any) => status.phase === "Running") &&
      all.every((claim) => conditionOf(claim, "Ready")?.status === "True")
    );
  });
});

test("a claim that is deleted drains its node and goes", async () => {
  const [first] = await claims();
  await client.remove(first!);
  await eventually("no such claim and node", async () => {
    const left = await client.list("v1", "Node");
    return (
      left.every(({ metadata }) => metadata.name !== first!.metadata.name) &&
      (await claims()).length === 1
    );
  });
});

test("destroy ends machines before the controller, and leaves nothing", async () => {
  const output = await stack.must("destroy", "--yes", "--skip-preview");
  expect(output).not.toMatch(/timed out|still there/);
  expect(await client.list("v1", "Node")).toEqual([]);
  expect(await list("apiextensions.k8s.io/v1", "CustomResourceDefinition")).toEqual([]);
  const maps = await client.list("v1", "ConfigMap", { namespace: "kube-system" });
  expect(maps.filter(({ metadata }) => metadata.name?.startsWith("lab-release-"))).toEqual([]);
});

test("without its controller a pool with machines cannot be deleted", async () => {
  await stack.must("up", "--yes", "--skip-preview");
  await client.create({ ...pod, metadata: { ...pod.metadata, name: "third" } });
  await eventually("a claim", async () => (await claims()).length === 1);
  // The garbage collector looks for new kinds every 30 s, and until then blocks nothing on them: it knows claims once
  // it removes one whose owner never was.
  const [claim] = await claims();
  const owner = { apiVersion: "v1", kind: "Node", name: "never-was", uid: randomUUID() };
  const orphan = { ...claim!, metadata: { name: "orphan", ownerReferences: [owner] } };
  await client.create(orphan);
  await eventually("no orphan", async () => (await client.find(orphan)) === undefined);
  const markers = { query: { labelSelector: "lab.kvm-fabric.dev/release=karpenter" } };
  const [marker] = await client.list("v1", "ConfigMap", markers);
  await client.remove(marker!);
  const nodePool = { apiVersion: "karpenter.sh/v1", kind: "NodePool", name: "kvm" };
  await client.remove(nodePool, { propagation: "Foreground" });
  await new Promise((resolve) => setTimeout(resolve, 5000));
  expect(await claims()).toHaveLength(1);
  expect((await client.get(nodePool)).metadata.deletionTimestamp).toBeDefined();
  // The controller comes back and takes it up.
  await client.apply(releaseMarker("karpenter", "kube-system", "karpenter"));
  await eventually("no pool", async () => (await client.find(nodePool)) === undefined);
  expect(await claims()).toEqual([]);
});
