import type { KubeObject } from "../../../../../lab/kube/objects";
import { mayRunOn, requestsOf } from "../../../../../lab/simulators/karpenter/demand";
import { machinesOf } from "../../../../../lab/simulators/karpenter/machines";
import { claimNode, nodeClaim } from "../../../../../lab/simulators/karpenter/objects";
import { planKarpenter, type Seen } from "../../../../../lab/simulators/karpenter/plan";
import { quantity } from "../../../../../lab/simulators/karpenter/quantity";

const ready = (...types: string[]) => ({
  conditions: types.map((type) => ({ type, status: "True" })),
});
const deletionTimestamp = "2026-01-01T00:00:00Z";

const nodeClass = (metadata = {}): KubeObject => ({
  apiVersion: "karpenter.k8s.aws/v1",
  kind: "EC2NodeClass",
  metadata: { name: "c", finalizers: ["karpenter.k8s.aws/termination"], ...metadata },
  status: ready("Ready"),
});

function pool(
  name = "p",
  spec: Record<string, unknown> = {},
  requirements: unknown[] = [],
): KubeObject {
  const nodeClassRef = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "c" };
  const taints = [{ key: "w", value: "true", effect: "NoSchedule" }];
  const startupTaints = [{ key: "s", effect: "NoSchedule" }];
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name, uid: name },
    spec: {
      template: {
        metadata: { labels: { "d.io/kvm-enabled": "true" } },
        spec: { nodeClassRef, taints, startupTaints, requirements },
      },
      ...spec,
    },
    status: ready("ValidationSucceeded", "NodeClassReady", "Ready"),
  };
}

function pod(name: string, requests: Record<string, string>, spec = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "n" },
    spec: {
      tolerations: [{ key: "w", operator: "Exists" }],
      containers: [{ name: "c", resources: { requests } }],
      ...spec,
    },
    status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }] },
  };
}

const seen = (parts: Partial<Seen> = {}): Seen => ({
  nodeClasses: [nodeClass()],
  nodePools: [pool()],
  nodeClaims: [],
  nodes: [],
  pods: [],
  ...parts,
});

const machine = machinesOf(pool(), 0)[0]!;
const claim = (metadata = {}, status = {}) => {
  const made = nodeClaim(pool(), machine, "x");
  return { ...made, metadata: { ...made.metadata, ...metadata }, status };
};
const summary = (parts: Partial<Seen>) =>
  planKarpenter(seen(parts)).map((action) => {
    const text =
      action.do === "launch" ? `${action.nodePool.metadata.name} ${action.machine.type}` : "";
    return `${action.do} ${text}`.trim();
  });

test("nothing to do where nothing waits", () => {
  expect(planKarpenter(seen())).toEqual([]);
});

test("pods share a machine that has room, and the smallest that fits is launched", () => {
  const small = ["a", "b", "c"].map((name) => pod(name, { cpu: "500m" }));
  expect(summary({ pods: small })).toEqual(["launch p m8i.large"]);
  expect(summary({ pods: [pod("a", { cpu: "20", memory: "10Gi" })] })).toEqual([
    "launch p m8i.8xlarge",
  ]);
  expect(
    summary({ pods: [pod("a", { "d.io/kvm": "60" }), pod("b", { "d.io/kvm": "60" })] }),
  ).toEqual(["launch p m8i.large", "launch p m8i.large"]);
});

test("a machine on its way holds the pods that wait for it; a ready one those that fit beside its own", () => {
  const pods = [pod("a", { cpu: "1" })];
  const node = claimNode(claim());
  const launched = claim({}, { nodeName: "p-x", ...ready("Launched", "Registered") });
  expect(summary({ pods, nodeClaims: [launched], nodes: [node] })).toEqual([]);
  const open = { ...node, spec: { taints: [] }, status: ready("Ready") };
  const done = claim({}, ready("Launched", "Registered", "Initialized", "Ready"));
  const beside = (own: KubeObject) =>
    summary({ pods: [...pods, own], nodeClaims: [done], nodes: [open] });
  expect(summary({ pods, nodeClaims: [done], nodes: [open] })).toEqual([]);
  const bound = pod("b", { cpu: "1500m" }, { nodeName: "p-x" });
  expect(beside(bound)).toEqual(["launch p m8i.large"]);
  expect(beside({ ...bound, status: { phase: "Succeeded" } })).toEqual([]);
  expect(beside(pod("b", { cpu: "1" }, { nodeName: "p-x" }))).toEqual([]);
  const cordoned = {
    ...open,
    spec: { taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] },
  };
  expect(summary({ pods, nodeClaims: [done], nodes: [cordoned] })).toEqual(["launch p m8i.large"]);
});

test.each<[string, Partial<Seen>]>([
  ["no pool tolerated", { pods: [pod("a", { cpu: "1" }, { tolerations: [] })] }],
  ["another selector", { pods: [pod("a", { cpu: "1" }, { nodeSelector: { x: "y" } })] }],
  ["more than any machine has", { pods: [pod("a", { cpu: "1000" })] }],
  ["a resource that none has", { pods: [pod("a", { "x/gpu": "1" })] }],
  [
    "limits of the pool",
    { pods: [pod("a", { cpu: "1" })], nodePools: [pool("p", { limits: { cpu: "1" } })] },
  ],
  [
    "a pool that leaves",
    {
      pods: [pod("a", { cpu: "1" })],
      nodePools: [{ ...pool(), metadata: { name: "p", deletionTimestamp } }],
    },
  ],
  ["a pod that is bound", { pods: [pod("a", { cpu: "1" }, { nodeName: "x" })] }],
])("no machine for: %s", (_case, parts) => {
  expect(summary(parts)).toEqual([]);
});

test("the pool of the greatest weight comes first, the next once its limits are reached", () => {
  const nodePools = [
    pool("light", { weight: 1 }),
    pool("heavy", { weight: 9, limits: { nodes: "1" } }),
  ];
  const pods = ["a", "b"].map((name) => pod(name, { "d.io/kvm": "60" }));
  expect(summary({ nodePools, pods })).toEqual([
    "launch heavy m8i.large",
    "launch light m8i.large",
  ]);
});

test("a claim goes from machine to node to ready", () => {
  expect(summary({ nodeClaims: [claim()] })).toEqual(["register"]);
  const node = claimNode(claim());
  expect(summary({ nodeClaims: [claim()], nodes: [node] })).toEqual(["conditions"]);
  const registered = claim({}, { nodeName: "p-x", ...ready("Launched", "Registered") });
  expect(summary({ nodeClaims: [registered], nodes: [node] })).toEqual([]);
  const open = { ...node, spec: { taints: [] }, status: ready("Ready") };
  expect(summary({ nodeClaims: [registered], nodes: [open] })).toEqual(["conditions"]);
  expect(summary({ nodeClaims: [registered] })).toEqual(["delete"]);
});

test("a claim that leaves drains its node, then ends it, then lets go", () => {
  const leaving = claim({ deletionTimestamp });
  const node = claimNode(claim());
  const on = { nodeName: node.metadata.name };
  const daemon = pod("d", {}, on);
  daemon.metadata.ownerReferences = [{ kind: "DaemonSet" }];
  const nodeClaims = [leaving];
  expect(summary({ nodeClaims, nodes: [node], pods: [pod("a", {}, on), daemon] })).toEqual([
    "evict",
  ]);
  expect(summary({ nodeClaims, nodes: [node], pods: [daemon] })).toEqual(["delete"]);
  expect(summary({ nodeClaims })).toEqual(["let-go"]);
});

test("a class is held while claims use it", () => {
  expect(summary({ nodeClasses: [nodeClass({ finalizers: [] })], nodePools: [] })).toEqual([
    "hold",
  ]);
  const nodeClasses = [nodeClass({ deletionTimestamp })];
  expect(summary({ nodeClasses, nodePools: [] })).toEqual(["let-go"]);
  const registered = claim({}, { nodeName: "p-x", ...ready("Launched", "Registered") });
  const parts = {
    nodeClasses,
    nodePools: [],
    nodeClaims: [registered],
    nodes: [claimNode(claim())],
  };
  expect(summary(parts)).toEqual([]);
});

test("pools of other node classes are somebody else's", () => {
  const other = pool();
  (other.spec as any).template.spec.nodeClassRef = {
    group: "karpenter.kwok.sh",
    kind: "KWOKNodeClass",
    name: "c",
  };
  expect(summary({ nodePools: [other], pods: [pod("a", { cpu: "1" })] })).toEqual([]);
});

test("requirements choose type, zone in turn, and capacity", () => {
  const one = pool("p", {}, [
    { key: "karpenter.k8s.aws/instance-family", operator: "In", values: ["m7g", "m8i"] },
    { key: "karpenter.k8s.aws/instance-size", operator: "In", values: ["metal-24xl"] },
    { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
    { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand", "spot"] },
    { key: "topology.kubernetes.io/zone", operator: "In", values: ["a", "b"] },
  ]);
  expect(machinesOf(one, 1)).toMatchObject([
    { type: "m8i.metal-24xl", zone: "b", capacityType: "spot", cpus: 96 },
  ]);
  const none = pool("p", {}, [
    { key: "karpenter.k8s.aws/instance-cpu", operator: "Gt", values: ["500"] },
  ]);
  expect(machinesOf(none, 0)).toEqual([]);
});

test("what pods ask for, and what they tolerate", () => {
  expect(requestsOf(pod("a", { cpu: "250m", memory: "1Gi" }))).toEqual({
    pods: 1,
    cpu: 0.25,
    memory: 1024 ** 3,
  });
  const taint = { key: "k", value: "v", effect: "NoSchedule" };
  const tolerating = (...tolerations: unknown[]) =>
    mayRunOn(pod("a", {}, { tolerations }), {}, [taint]);
  expect(tolerating({ key: "k", value: "v" })).toBe(true);
  expect(tolerating({ operator: "Exists" })).toBe(true);
  expect(tolerating({ key: "k", value: "w" })).toBe(false);
  expect(tolerating({ key: "k", operator: "Exists", effect: "NoExecute" })).toBe(false);
  expect(
    mayRunOn(pod("a", {}, { tolerations: [] }), {}, [{ ...taint, effect: "PreferNoSchedule" }]),
  ).toBe(true);
});

test.each([
  ["1500m", 1.5],
  ["2Gi", 2 * 1024 ** 3],
  ["3", 3],
  ["x", 0],
  [undefined, 0],
])("quantity %s is %d", (text, value) => {
  expect(quantity(text)).toBe(value);
});
