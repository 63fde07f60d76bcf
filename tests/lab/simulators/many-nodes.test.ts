import { setTimeout as sleep } from "node:timers/promises";
import { NodeKind } from "../../../lab/cluster/node-manifests";
import { scaleNodes } from "../../../lab/cluster/nodes";
import { fieldAt, listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { KVM_DEVICES } from "../../../lab/simulators/device-plugin-plan";
import { eventually } from "../../support/wait";
import { examplePlan } from "../node-provisioner/stage";
import { isWrite, readAudit, type AuditedRequest } from "./audit-log";
import { applyProvisioner, startSimulatorLab, type SimulatorLab } from "./lab";

jest.setTimeout(1_200_000);

/** Nodes that join at once, here 100 for the gate's sake. KVM_FABRIC_NODES sets another number. */
const NODES = Number(process.env.KVM_FABRIC_NODES ?? 100);
const IDLE_SECONDS = 20;
const namespace = "node-agents";
const plan = examplePlan("fabric");
const { contract, assetSet } = plan;
const reporterUser = `system:serviceaccount:${namespace}:${plan.objectName}`;

let lab: SimulatorLab;
let auditAtIdle = 0;

const kvmNodes = () => lab.client.list("v1", "Node", { query: { labelSelector: provenSelector } });
const provenSelector = `${contract.assetsLabel}=${assetSet}`;

function isOpen(node: KubeObject): boolean {
  return listAt(node, "spec", "taints").every(
    (taint) => textAt(taint, "key") !== contract.startupTaint,
  );
}

function isSettled(node: KubeObject): boolean {
  const devices = textAt(node, "status", "allocatable", contract.kvmResource);
  return isOpen(node) && devices === KVM_DEVICES;
}

function byReporter({ user }: AuditedRequest): boolean {
  return user === reporterUser;
}

beforeAll(async () => {
  lab = await startSimulatorLab();
  await lab.startSimulators();
  await applyProvisioner(lab.client, plan, namespace);
  await scaleNodes(lab.client, NodeKind.Kvm, NODES);
  const allSettled = async () => {
    const nodes = await kvmNodes();
    return nodes.length === NODES && nodes.every(isSettled);
  };
  // The counters are asked first: listing all nodes again and again would be most of the work.
  const reports = async () => (await lab.metric("reports_total")) >= NODES;
  const devices = async () => (await lab.metric("device_plugin_writes_total")) >= NODES;
  await eventually(
    "a report and devices of each node",
    async () => (await reports()) && devices(),
    800,
  );
  await eventually("every node proven and open", allSettled);
  await sleep(2000);
  auditAtIdle = readAudit(lab.auditFile).end;
});

afterAll(async () => {
  await lab.stop();
});

test(`every one of ${NODES} nodes that join is labelled, open and has its KVM devices`, async () => {
  const nodes = await kvmNodes();
  expect(nodes.filter(isSettled)).toHaveLength(NODES);
  // The gate is all that was opened: the worker taint stays.
  const workerTaints = nodes.flatMap((node) =>
    listAt(node, "spec", "taints").filter(
      (taint) => fieldAt(taint, "key") === contract.workerTaint,
    ),
  );
  expect(workerTaints).toHaveLength(NODES);
});

test("by one API write a node and one of its condition, each accepted and each by a token of that node", () => {
  const { requests } = readAudit(lab.auditFile);
  const writes = requests.filter(byReporter).filter(isWrite);
  const perNode = new Map<string, number>();
  for (const { name, tokenNode, status, resource, subresource } of writes) {
    expect({ tokenNode, resource }).toEqual({ tokenNode: name, resource: "nodes" });
    const key = `${name}/${subresource}`;
    if (status === 200) perNode.set(key, (perNode.get(key) ?? 0) + 1);
  }
  const most = (part: RegExp) => {
    const counts = [...perNode].filter(([key]) => part.test(key)).map(([, count]) => count);
    return [counts.length, Math.max(...counts)];
  };
  // The label comes and the startup taint goes in one.
  expect(most(/\/$/)).toEqual([NODES, 1]);
  expect(most(/\/status$/)).toEqual([NODES, 1]);
  expect(perNode.size).toBe(2 * NODES);
  // A patch that lost a race changed nothing (422), but it is a request: it must stay the exception.
  const refused = writes.filter(({ status }) => status !== 200);
  expect(refused.every(({ status }) => status === 409 || status === 422)).toBe(true);
  expect(refused.length).toBeLessThan(NODES / 10);
  process.stderr.write(`${writes.length} node writes, ${refused.length} of them lost a race\n`);
  const forbidden = requests.filter((r) => byReporter(r) && r.status === 403);
  expect(forbidden).toEqual([]);
});

test("and by one write of each node's status for its devices", () => {
  const { requests } = readAudit(lab.auditFile);
  const writes = requests.filter(({ uri }) => uri.includes("fieldManager=lab-device-plugin"));
  expect(writes).toHaveLength(NODES);
  expect(new Set(writes.map(({ name }) => name)).size).toBe(NODES);
});

test(`and by nothing at all in ${IDLE_SECONDS} s after that`, async () => {
  await sleep(IDLE_SECONDS * 1000);
  const { requests } = readAudit(lab.auditFile, auditAtIdle);
  // The log is being written: nodes' own reporting never ends.
  expect(requests.length).toBeGreaterThan(0);
  const bySimulators = requests.filter(
    (request) =>
      byReporter(request) ||
      request.subresource === "token" ||
      request.uri.includes("fieldManager=lab-"),
  );
  expect(bySimulators).toEqual([]);
});

test("in a process of less than 400 MB", async () => {
  const bytes = await lab.metric("resident_memory_bytes");
  process.stderr.write(`simulators at ${NODES} nodes: ${Math.round(bytes / 1e6)} MB resident\n`);
  expect(bytes).toBeLessThan(400e6);
});

test("and when the provisioner is deleted, by the time it is gone every label is, by one write a node and one of its condition", async () => {
  const from = readAudit(lab.auditFile).end;
  const daemonSet = {
    ...{ apiVersion: "apps/v1", kind: "DaemonSet" },
    ...{ namespace, name: plan.objectName },
  };
  await lab.client.remove(daemonSet, { propagation: "Foreground" });
  const gone = async () => (await lab.client.find(daemonSet)) === undefined;
  await eventually("the DaemonSet gone", gone);
  expect(await kvmNodes()).toEqual([]);
  const { requests } = readAudit(lab.auditFile, from);
  const writes = requests.filter(byReporter).filter(isWrite);
  expect(writes.every(({ name, tokenNode }) => name === tokenNode)).toBe(true);
  const accepted = writes.filter(({ status }) => status === 200);
  for (const part of ["", "status"]) {
    expect(accepted.filter(({ subresource }) => subresource === part)).toHaveLength(NODES);
  }
});
