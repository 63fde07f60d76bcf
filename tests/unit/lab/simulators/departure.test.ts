import * as fc from "fast-check";
import { KubeError } from "../../../../lab/kube/kube-error";
import { departures } from "../../../../lab/simulators/departure";
import { Metrics } from "../../../../lab/simulators/metrics";
import { ObjectCache } from "../../../../lab/simulators/object-cache";
import { parseNode, parsePod } from "../../../../lab/simulators/objects";
import { podsByNode } from "../../../../lab/simulators/pods-by-node";
import { reporter } from "../../../../lab/simulators/reporter";
import { FakeApi, nodeObject, podObject, type FakePod } from "./fakes";

const LABEL = "kvm-fabric.dev/assets";
const NODE = "kvm-0000";
const going: FakePod = { deletedAt: "2026-01-01T00:00:30Z", resourceVersion: "2" };

function start(api = new FakeApi([], { [LABEL]: "a1", "example.com/team": "blue" })) {
  const nodes = new ObjectCache(parseNode);
  const pods = new ObjectCache(parsePod);
  const metrics = new Metrics();
  const log: string[] = [];
  const parts = {
    ...{ api, nodes, metrics, podsOn: podsByNode(pods) },
    reported: new Map<string, string>(),
    departed: new Map<string, number>(),
    log: (line: string) => log.push(line),
  };
  const [depart, report] = [departures(parts), reporter(parts)];
  nodes.apply({ type: "ADDED", object: api.node() });
  return {
    ...{ api, nodes, metrics, log },
    setPod: (pod: FakePod) => {
      pods.apply({ type: "MODIFIED", object: podObject(pod) });
    },
    tellNode: () => {
      nodes.apply({ type: "MODIFIED", object: api.node() });
    },
    depart: () => depart(NODE),
    work: async () => {
      await depart(NODE);
      await report(NODE);
    },
  };
}

test("a pod whose DaemonSet goes takes its label off, as that pod, and only then ends", async () => {
  const { api, metrics, setPod, depart } = start();
  api.daemonSet = "going";
  setPod({});
  await depart();
  expect([api.writes, api.ended]).toEqual([[], []]);
  setPod(going);
  await depart();
  await depart();
  expect(api.writes).toEqual([{ podUid: "pod-uid", node: NODE, what: "removal" }]);
  expect(api.labels).toEqual({ "example.com/team": "blue" });
  expect(api.conditions).toEqual(["pod-uid removed"]);
  expect([api.ended, api.openIdentities]).toEqual([["pod-uid"], 0]);
  expect(metrics.value("withdrawals_total")).toBe(1);
});

test("a pod whose DaemonSet stays ends without a write", async () => {
  const { api, setPod, depart } = start();
  setPod(going);
  await depart();
  expect([api.writes, api.ended, api.openIdentities]).toEqual([[], ["pod-uid"], 0]);
});

test.each<[string, FakePod]>([
  ["whose container never started", { installed: false }],
  ["that is broken", { env: {} }],
  ["that knows of no DaemonSet", { env: { KVM_FABRIC_DOMAIN: "a.b", KVM_FABRIC_ASSET_SET: "a" } }],
])("a pod %s just ends", async (_, pod) => {
  const { api, setPod, depart } = start();
  api.daemonSet = "going";
  setPod({ ...going, ...pod });
  await depart();
  expect([api.writes, api.ended]).toEqual([[], ["pod-uid"]]);
});

test("pods of real nodes, and of nodes that are gone, are nobody's business here", async () => {
  const { api, nodes, setPod, depart } = start();
  api.daemonSet = "going";
  setPod(going);
  nodes.apply({ type: "MODIFIED", object: nodeObject({ fake: false, resourceVersion: "9" }) });
  await depart();
  nodes.apply({ type: "DELETED", object: nodeObject({ fake: false, resourceVersion: "10" }) });
  await depart();
  expect([api.writes, api.ended]).toEqual([[], []]);
});

test("what is refused is told loudly and tried again, but not for ever: then the pod ends", async () => {
  const { api, log, metrics, setPod, depart } = start();
  setPod(going);
  api.beforeLook = () => {
    throw new KubeError(403, "Forbidden", "cannot get resource daemonsets");
  };
  for (let tries = 1; tries < 5; tries += 1) await expect(depart()).rejects.toThrow("daemonsets");
  expect(api.ended).toEqual([]);
  await depart();
  await depart();
  expect([api.writes, api.ended]).toEqual([[], ["pod-uid"]]);
  expect(metrics.value("node_writes_refused_total")).toBe(5);
  expect(log[0]).toMatch(/^REFUSED: farewell of pod agents\/provisioner-1 on node kvm-0000/);
  expect(log.at(-1)).toContain("its label may be left on node kvm-0000");
});

test.each(["beforeToken", "beforeWrite"] as const)(
  "a pod that is gone already is no failure (%s)",
  async (moment) => {
    const { api, log, setPod, depart } = start();
    api.daemonSet = "going";
    setPod(going);
    api[moment] = () => {
      throw new KubeError(404, "NotFound", "gone");
    };
    await depart();
    expect([api.writes, log, api.openIdentities]).toEqual([[], [], 0]);
  },
);

const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "work" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "node told" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "weather" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pod" as const),
      generation: fc.nat(3),
      change: fc.constantFrom("Pending" as const, "Running" as const, "told to end" as const),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Plays events as one node sees them in rollouts: pods come, are told to end, go; calls fail at times. */
async function play(events: Event[]) {
  const lab = start(new FakeApi([{ key: "kvm-fabric.dev/not-ready", effect: "NoSchedule" }]));
  const told = new Set<number>();
  let version = 1;
  const setPod = (generation: number, pod: FakePod) => {
    version += 1;
    const env = {
      KVM_FABRIC_DOMAIN: "kvm-fabric.dev",
      KVM_FABRIC_ASSET_SET: `a${generation}`,
      KVM_FABRIC_DAEMON_SET: "provisioner",
    };
    lab.setPod({
      ...{ name: `p-${generation}`, uid: `p-${generation}`, env },
      ...{ createdAt: `2026-01-01T00:00:0${generation}Z`, resourceVersion: String(version) },
      ...(told.has(generation) && going.deletedAt && { deletedAt: going.deletedAt }),
      ...pod,
    });
  };
  for (const happening of events) {
    if (happening.kind === "node told") lab.tellNode();
    else if (happening.kind === "work") await lab.work().catch(() => undefined);
    else if (happening.kind === "weather") {
      let left = 1;
      lab.api.beforeLook = () => {
        if (left-- > 0) throw new KubeError(503, "ServiceUnavailable", "try again");
      };
    } else {
      const { generation, change } = happening;
      if (change === "told to end") told.add(generation);
      setPod(generation, { phase: change === "Pending" ? "Pending" : "Running" });
    }
  }
  return { ...lab, setPod, told };
}

test("whatever happens in rollouts, no label is ever taken off, and every pod told to end does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
      const { api, work, told } = await play(events);
      api.beforeLook = () => undefined;
      await work();
      expect(api.writes.filter(({ what }) => what === "removal")).toEqual([]);
      expect([...api.ended].sort()).toEqual([...told].map((pod) => `p-${pod}`).sort());
      expect(api.openIdentities).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("and when the DaemonSet goes after that, the last pod leaves no label behind", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
      const { api, work, setPod, tellNode, told } = await play(events);
      api.beforeLook = () => undefined;
      setPod(5, {});
      await work();
      expect(api.labels[LABEL]).toBe("a5");
      api.daemonSet = "going";
      told.add(5);
      setPod(5, {});
      await work();
      tellNode();
      const before = api.writes.length;
      await work();
      expect(api.writes).toHaveLength(before);
      const removals = api.writes.filter(({ what }) => what === "removal");
      expect(removals.filter(({ podUid }) => podUid === "p-5")).toHaveLength(1);
      expect(new Set(removals.map(({ podUid }) => podUid)).size).toBe(removals.length);
    }),
    { numRuns: 200 },
  );
});
