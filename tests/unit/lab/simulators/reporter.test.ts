import * as fc from "fast-check";
import { KubeError } from "../../../../lab/kube/kube-error";
import type { WatchEvent } from "../../../../lab/kube/watch";
import { Metrics } from "../../../../lab/simulators/metrics";
import { ObjectCache } from "../../../../lab/simulators/object-cache";
import { parseNode, parsePod } from "../../../../lab/simulators/objects";
import { podsByNode } from "../../../../lab/simulators/pods-by-node";
import { reporter } from "../../../../lab/simulators/reporter";
import { FakeApi, nodeObject, podObject, type FakePod, type FakeTaint } from "./fakes";

const STARTUP: FakeTaint = { key: "kvm-fabric.dev/not-ready", effect: "NoSchedule" };
const WORKER: FakeTaint = { key: "kvm-fabric.dev/worker", effect: "NoSchedule" };
const LIFECYCLE: FakeTaint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

function start(api = new FakeApi([WORKER, STARTUP])) {
  const nodes = new ObjectCache(parseNode);
  const pods = new ObjectCache(parsePod);
  const metrics = new Metrics();
  const log: string[] = [];
  const work = reporter({
    ...{ api, nodes, metrics },
    podsOn: podsByNode(pods),
    reported: new Map(),
    log: (line) => log.push(line),
  });
  const setPod = (pod: FakePod, type: WatchEvent["type"] = "ADDED") => {
    pods.apply({ type, object: podObject(pod) });
  };
  const tellNode = () => {
    nodes.apply({ type: "MODIFIED", object: api.node() });
  };
  return { api, nodes, metrics, log, setPod, tellNode, report: () => work("kvm-0000") };
}

describe("reporter", () => {
  it("labels and opens the gate, as the pod, and then rests", async () => {
    const { api, setPod, tellNode, report } = start();
    tellNode();
    await report();
    expect(api.reads).toBe(0);
    setPod({});
    await report();
    await report();
    expect(api.writes).toEqual([{ podUid: "pod-uid", node: "kvm-0000", what: "opening" }]);
    expect(api.taints).toEqual([WORKER]);
    expect(api.conditions).toEqual(["pod-uid set"]);
    expect([api.reads, api.openIdentities]).toEqual([1, 0]);
  });

  it("asks for nothing, not even a token, where the node is proven", async () => {
    const { api, setPod, tellNode, report } = start(
      new FakeApi([WORKER], { "kvm-fabric.dev/assets": "a1" }),
    );
    tellNode();
    setPod({});
    await report();
    expect([api.reads, api.writes]).toEqual([0, []]);
  });

  it("relabels with one write when a newer pod brings another asset set", async () => {
    const { api, setPod, tellNode, report } = start();
    tellNode();
    setPod({});
    await report();
    const env = { KVM_FABRIC_DOMAIN: "kvm-fabric.dev", KVM_FABRIC_ASSET_SET: "a2" };
    setPod({ name: "provisioner-2", uid: "second", createdAt: "2026-01-02T00:00:00Z", env });
    await report();
    await report();
    expect(api.writes.slice(1)).toEqual([{ podUid: "second", node: "kvm-0000", what: "label" }]);
    expect(api.labels["kvm-fabric.dev/assets"]).toBe("a2");
  });

  it("leaves alone what others do to a node after its report, but serves a new node of that name", async () => {
    const { api, nodes, setPod, tellNode, report } = start();
    tellNode();
    setPod({});
    await report();
    api.change([STARTUP]);
    tellNode();
    await report();
    expect(api.writes).toHaveLength(1);
    api.labels = {};
    nodes.apply({ type: "ADDED", object: nodeObject({ uid: "another", resourceVersion: "99" }) });
    await report();
    expect(api.writes).toHaveLength(2);
  });

  it("reads again where the node changed under its hands, a bounded number of times", async () => {
    const { api, metrics, setPod, tellNode, report } = start();
    tellNode();
    setPod({});
    let changes = 0;
    api.beforeWrite = () => {
      changes += 1;
      if (changes === 1) api.change([LIFECYCLE, WORKER, STARTUP]);
    };
    await report();
    expect(api.taints).toEqual([LIFECYCLE, WORKER]);
    expect(metrics.value("node_writes_stale_total")).toBe(1);

    const busy = start();
    busy.tellNode();
    busy.setPod({});
    busy.api.beforeWrite = () => {
      throw new KubeError(409, "Conflict", "the object has been modified");
    };
    await expect(busy.report()).rejects.toThrow("modified");
    expect(busy.metrics.value("node_writes_stale_total")).toBe(5);
  });

  it.each([
    new KubeError(403, "Forbidden", "nodes is forbidden: User cannot patch"),
    new KubeError(
      422,
      "Invalid",
      "nodes is forbidden: ValidatingAdmissionPolicy 'x' with binding 'y' denied request: no",
    ),
  ])(
    "is loud about a refusal (status $status) and leaves the next try to its caller",
    async (e) => {
      const { api, metrics, log, setPod, tellNode, report } = start();
      tellNode();
      setPod({});
      api.beforeWrite = () => {
        throw e;
      };
      await expect(report()).rejects.toBe(e);
      expect(metrics.value("node_writes_refused_total")).toBe(1);
      expect(api.reads).toBe(1);
      expect(log).toEqual([expect.stringMatching(/^REFUSED: .*agents\/provisioner-1.*kvm-0000/)]);
      expect(api.openIdentities).toBe(0);
      api.beforeWrite = () => undefined;
      await report();
      expect(api.writes).toHaveLength(1);
    },
  );

  it.each([404, 409])(
    "ignores a pod that is gone when its token is asked for (%i)",
    async (status) => {
      const { api, log, setPod, tellNode, report } = start();
      tellNode();
      setPod({});
      api.beforeToken = () => {
        throw new KubeError(status, "Gone", "no such pod");
      };
      await report();
      expect([api.writes, log]).toEqual([[], []]);
    },
  );
});

const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "report" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "node told" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("taint" as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("race" as const), at: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("pod" as const),
      generation: fc.nat(3),
      change: fc.constantFrom("Pending", "Running", "deleted" as const),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function podOf(generation: number): FakePod {
  const assetSet = `a${generation}`;
  return {
    name: `provisioner-${generation}`,
    uid: `pod-${generation}`,
    createdAt: `2026-01-01T00:00:0${generation}Z`,
    env: { KVM_FABRIC_DOMAIN: "kvm-fabric.dev", KVM_FABRIC_ASSET_SET: assetSet },
  };
}

async function play(events: Event[]) {
  const lab = start(new FakeApi([WORKER, STARTUP]));
  let version = 1;
  for (const happening of events) {
    switch (happening.kind) {
      case "report":
        await lab.report();
        break;
      case "node told":
        lab.tellNode();
        break;
      case "taint": {
        const others = lab.api.taints.filter(({ key }) => key !== LIFECYCLE.key);
        lab.api.change(happening.on ? [LIFECYCLE, ...others] : others);
        break;
      }
      case "race": {
        let left = happening.at;
        lab.api.beforeWrite = () => {
          if (left === 0) lab.api.change([...lab.api.taints].reverse());
          left -= 1;
        };
        break;
      }
      case "pod": {
        version += 1;
        const { generation, change } = happening;
        const pod = { ...podOf(generation), resourceVersion: String(version) };
        const phase = change === "deleted" ? "Running" : change;
        lab.setPod({ ...pod, phase }, change === "deleted" ? "DELETED" : "MODIFIED");
        break;
      }
    }
  }
  lab.setPod({ ...podOf(9), resourceVersion: String(version + 1) });
  lab.tellNode();
  await lab.report();
  return lab;
}

describe("reporter, whatever happens in whatever order", () => {
  it("ends with the newest pod's label and an open gate, by at most one write a pod", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        const { api, report, tellNode } = await play(events);
        expect(api.labels["kvm-fabric.dev/assets"]).toBe("a9");
        expect(api.taints).not.toContainEqual(STARTUP);
        expect(api.taints).toContainEqual(WORKER);
        for (const { podUid } of api.writes) {
          const own = api.writes.filter((write) => write.podUid === podUid);
          expect(own).toHaveLength(1);
        }
        // The gate is opened once, whoever opens it.
        expect(api.writes.filter(({ what }) => what === "opening")).toHaveLength(1);
        const before = api.writes.length;
        tellNode();
        await report();
        expect(api.writes).toHaveLength(before);
        expect(api.openIdentities).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
