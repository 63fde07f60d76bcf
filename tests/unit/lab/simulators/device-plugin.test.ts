import { KubeError } from "../../../../lab/kube/kube-error";
import { devicePlugin } from "../../../../lab/simulators/device-plugin";
import { kvmDomains, statusPatch } from "../../../../lab/simulators/device-plugin-plan";
import { Metrics } from "../../../../lab/simulators/metrics";
import { ObjectCache } from "../../../../lab/simulators/object-cache";
import { parseNode } from "../../../../lab/simulators/objects";
import { FakeApi, nodeObject, type FakeNode } from "./fakes";

const patchFor = (node: FakeNode) => statusPatch(parseNode(nodeObject(node)));

describe("statusPatch", () => {
  it("gives a ready simulated KVM node 100 devices of its domain", () => {
    const devices = { "aetherium.io/kvm": "100" };
    expect(patchFor({ labels: { "aetherium.io/kvm-enabled": "true" } })).toEqual({
      status: { capacity: devices, allocatable: devices },
    });
  });

  it("adds only what is missing where a node serves several domains", () => {
    const labels = { "a.dev/kvm-enabled": "true", "b.dev/kvm-enabled": "true" };
    const patch = patchFor({ labels, capacity: { cpu: "1", "a.dev/kvm": "100" } });
    expect(patch?.status.capacity).toEqual({ "b.dev/kvm": "100" });
  });

  it.each<[string, FakeNode]>([
    ["has its devices", { capacity: { "kvm-fabric.dev/kvm": "100" } }],
    ["is a real one", { fake: false }],
    ["has not registered its other resources yet", { ready: false }],
    ["cannot run KVM", { labels: { "kvm-fabric.dev/kvm-enabled": "false" } }],
    ["has no capability label", { labels: {} }],
  ])("leaves a node alone that %s", (_, node) => {
    expect(patchFor(node)).toBeUndefined();
  });

  it("takes no domain from a label that no contract can have made", () => {
    const labels = { "x.kubernetes.io/kvm-enabled": "true", "/kvm-enabled": "true" };
    expect(kvmDomains(parseNode(nodeObject({ labels })))).toEqual([]);
  });
});

describe("devicePlugin", () => {
  function started(api = new FakeApi([])) {
    const nodes = new ObjectCache(parseNode);
    nodes.apply({ type: "ADDED", object: nodeObject() });
    const metrics = new Metrics();
    return { api, metrics, work: devicePlugin({ api, nodes, metrics }) };
  }

  it("writes once, before the watch has told of the write", async () => {
    const { api, metrics, work } = started();
    await work("kvm-0000");
    await work("kvm-0000");
    expect(api.statusPatches).toHaveLength(1);
    expect(metrics.value("device_plugin_writes_total")).toBe(1);
  });

  it("takes the end of a node for an answer, any other failure for a failure", async () => {
    const { api, work } = started();
    api.patchNodeStatus = () => Promise.reject(new KubeError(404, "NotFound", "gone"));
    await work("kvm-0000");
    api.patchNodeStatus = () => Promise.reject(new KubeError(500, "InternalError", "broken"));
    await expect(work("kvm-0000")).rejects.toThrow("broken");
  });
});
