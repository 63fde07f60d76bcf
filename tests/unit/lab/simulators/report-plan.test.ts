import { nodeContract } from "../../../../components/shared/node-contract";
import { parseNode, parsePod } from "../../../../lab/simulators/objects";
import {
  nextWrite,
  reportingOf,
  reportsFor,
  voiceOf,
} from "../../../../lab/simulators/report-plan";
import { nodeObject, podObject, type FakePod } from "./fakes";

const reportingFor = (pod: FakePod) => reportingOf(parsePod(podObject(pod)));

describe("reportingOf", () => {
  it("reads identity, domain and asset set off the pod", () => {
    const env = {
      KVM_FABRIC_DOMAIN: "aetherium.io",
      KVM_FABRIC_ASSET_SET: "b2",
      KVM_FABRIC_DAEMON_SET: "gate",
    };
    expect(reportingFor({ env })).toEqual({
      state: "reporting",
      report: {
        namespace: "agents",
        podName: "provisioner-1",
        podUid: "pod-uid",
        serviceAccount: "provisioner",
        contract: nodeContract("aetherium.io"),
        assetSet: "b2",
        daemonSet: "gate",
      },
    });
  });

  it.each<[string, FakePod]>([
    ["it does not run", { phase: "Pending" }],
    ["its installation is not done", { installed: false }],
    ["it is going away", { deletedAt: "2026-01-01T00:00:00Z" }],
  ])("says nothing while %s", (_, pod) => {
    expect(reportingFor(pod)).toEqual({ state: "waiting" });
  });

  it("knows who speaks for a pod that is going away, if its container was started at all", () => {
    const going = { deletedAt: "2026-01-01T00:00:00Z" };
    expect(voiceOf(parsePod(podObject(going)))).toEqual(reportingFor({}));
    const young = parsePod(podObject({ ...going, installed: false }));
    expect(voiceOf(young)).toEqual({ state: "waiting" });
  });

  it.each([
    ["no asset set", { KVM_FABRIC_DOMAIN: "kvm-fabric.dev" }],
    ["no domain", { KVM_FABRIC_ASSET_SET: "a1" }],
    ["no possible domain", { KVM_FABRIC_DOMAIN: "k8s.io", KVM_FABRIC_ASSET_SET: "a1" }],
  ])("calls a pod broken that has %s", (_, env) => {
    expect(reportingFor({ env })).toMatchObject({ state: "broken" });
  });
});

describe("reportsFor", () => {
  const node = parseNode(nodeObject());
  const pod = (fields: FakePod) => parsePod(podObject(fields));
  const uids = (pods: FakePod[], on = node) => reportsFor(on, pods.map(pod)).map((r) => r.podUid);

  it("hears the newest pod of a domain alone, in whatever order they come", () => {
    const old = { uid: "old", createdAt: "2026-01-01T00:00:00Z" };
    const young = { uid: "young", createdAt: "2026-01-01T00:00:09Z" };
    expect(uids([old, young])).toEqual(["young"]);
    expect(uids([young, old])).toEqual(["young"]);
    expect(uids([{ ...young, phase: "Pending" }, old])).toEqual(["old"]);
  });

  it("hears the pods of two domains on one node", () => {
    const other = { KVM_FABRIC_DOMAIN: "other.dev", KVM_FABRIC_ASSET_SET: "a1" };
    expect(uids([{ uid: "one" }, { uid: "two", env: other }])).toEqual(["one", "two"]);
  });

  it("hears nobody on a real node, and no pod of another node", () => {
    expect(uids([{}], parseNode(nodeObject({ fake: false })))).toEqual([]);
    expect(uids([{ nodeName: "kvm-0001" }])).toEqual([]);
  });
});

describe("nextWrite", () => {
  const reporting = reportingFor({});
  const next = (node: Parameters<typeof nodeObject>[0]) =>
    reporting.state === "reporting"
      ? nextWrite(reporting.report, parseNode(nodeObject(node)))?.contentType
      : "not reporting";
  const proven = { "kvm-fabric.dev/assets": "a1" };

  it("labels and opens the gate at once, says so, then nothing", () => {
    expect(next({})).toBe("application/json-patch+json");
    expect(next({ labels: proven })).toBe("application/json-patch+json");
    expect(next({ labels: proven, taints: [] })).toBe("application/strategic-merge-patch+json");
    expect(next({ labels: proven, taints: [], said: true })).toBeUndefined();
  });

  it("relabels a node of another asset set", () => {
    const labels = { "kvm-fabric.dev/assets": "a0" };
    expect(next({ labels, taints: [] })).toBe("application/merge-patch+json");
  });
});
