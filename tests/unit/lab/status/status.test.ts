import { fabricStatus, type StatusObjects } from "../../../../lab/status/read";
import { showStatus } from "../../../../lab/status/show";
import type { KubeObject } from "../../../../lab/kube/objects";

const now = new Date("2026-01-01T12:00:00Z");

function node(
  name: string,
  labels: Record<string, string>,
  taints: object[] = [],
  said?: string,
): KubeObject {
  const conditions = [
    { type: "Ready", status: "True" },
    ...(said === undefined ? [] : [{ type: "KvmFabricReady", status: "True", reason: said }]),
  ];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: { taints },
    status: { conditions },
  };
}

const kvm = { "fabric.example/kvm-enabled": "true", "fabric.example/pool": "metal" };
const startup = { key: "fabric.example/not-ready", effect: "NoSchedule" };
const worker = { key: "fabric.example/worker", value: "true", effect: "NoSchedule" };

const objects: StatusObjects = {
  nodes: [
    node("b-proven", { ...kvm, "fabric.example/assets": "a1" }, [worker], "GateFailed"),
    node("c-labelled-but-closed", { ...kvm, "fabric.example/assets": "a1" }, [worker, startup]),
    node("a-plain", {}),
  ],
  workloads: [
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "w", namespace: "agents", labels: { "app.kubernetes.io/name": "worker" } },
      status: { desiredNumberScheduled: 3, numberReady: 2 },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: {
        name: "c",
        namespace: "services",
        labels: { "app.kubernetes.io/name": "consul" },
      },
      spec: { replicas: 3 },
      status: {},
    },
    ...(["queen", "api-gateway", "redis"] as const).map((part) => ({
      apiVersion: "apps/v1",
      kind: part === "api-gateway" ? "Deployment" : "StatefulSet",
      metadata: { name: part, namespace: "s", labels: { "app.kubernetes.io/name": part } },
      spec: { replicas: 1 },
      status: { readyReplicas: 1 },
    })),
  ],
  events: [
    {
      apiVersion: "v1",
      kind: "Event",
      metadata: {},
      involvedObject: { kind: "Pod", name: "p" },
      reason: "FailedScheduling",
      message: "no node",
      lastTimestamp: "2026-01-01T11:30:00Z",
    },
    {
      apiVersion: "v1",
      kind: "Event",
      metadata: {},
      reason: "Old",
      lastTimestamp: "2026-01-01T10:59:59Z",
    },
  ],
  nodePools: [{ apiVersion: "karpenter.sh/v1", kind: "NodePool", metadata: { name: "burst" } }],
};

test("a node is proven only when it is labelled and its startup taint is gone", () => {
  const { nodes } = fabricStatus(objects, now);
  expect(nodes.map(({ name, kvm: can, proven }) => [name, can, proven])).toEqual([
    ["a-plain", false, false],
    ["b-proven", true, true],
    ["c-labelled-but-closed", true, false],
  ]);
  expect(nodes[2]?.taints).toEqual([
    "fabric.example/worker=true:NoSchedule",
    "fabric.example/not-ready:NoSchedule",
  ]);
});

test("what the provisioner says of a node is shown", () => {
  const status = fabricStatus(objects, now);
  expect(status.nodes.map(({ said }) => said)).toEqual(["", "GateFailed", ""]);
  expect(showStatus(status)).toMatch(
    /PROVEN +SAYS +ASSET SET[^]*\n +b-proven +yes +yes +yes +GateFailed +a1 /,
  );
});

test("workloads, pools and the warnings of the last hour", () => {
  const { workers, consul, services, others, pools, warnings } = fabricStatus(objects, now);
  expect(workers).toEqual([
    { kind: "DaemonSet", namespace: "agents", name: "w", desired: 3, ready: 2 },
  ]);
  expect(consul).toEqual([
    { kind: "StatefulSet", namespace: "services", name: "c", desired: 3, ready: 0 },
  ]);
  expect(services).toEqual([
    { kind: "StatefulSet", namespace: "s", name: "queen", desired: 1, ready: 1 },
    { kind: "Deployment", namespace: "s", name: "api-gateway", desired: 1, ready: 1 },
    { kind: "StatefulSet", namespace: "s", name: "redis", desired: 1, ready: 1 },
  ]);
  expect(others).toEqual([]);
  expect(pools).toEqual([
    { name: "burst", nodes: 0, proven: 0, karpenter: true },
    { name: "metal", nodes: 2, proven: 1, karpenter: false },
  ]);
  expect(warnings.map(({ reason }) => reason)).toEqual(["FailedScheduling"]);
});

test("the tables name everything, and count what they leave out", () => {
  const many = Array.from({ length: 25 }, (_, index) =>
    node(`n${String(index + 10)}`, kvm, [startup]),
  );
  const text = showStatus(fabricStatus({ ...objects, nodes: many }, now));
  expect(text).toContain("Nodes (25)");
  expect(text).toContain("n29");
  expect(text).not.toContain("n30");
  expect(text).toContain("... and 5 more (all of them with --json)");
  expect(text).toContain("agents     DaemonSet  w     2/3");
  expect(text).toContain("Services (3)");
  expect(text).toContain("s          Deployment   api-gateway  1/1");
  expect(text).toContain("Other parts: none");
});
