import * as fs from "node:fs";
import { NodeKind, nodeManifest, nodeName } from "../../../lab/cluster/node-manifests";
import { listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { nodeContract } from "../../../components/shared/node-contract";
import { examplePlan } from "../node-provisioner/stage";
import { applyProvisioner, startSimulatorLab, until, type SimulatorLab } from "./lab";

// The whole of it, for figures: KVM_FABRIC_CHURN=500x10/50.
const [, NODES = 0, CYCLES = 0, AT_ONCE = 0] =
  /^(\d+)x(\d+)\/(\d+)$/.exec(process.env.KVM_FABRIC_CHURN ?? "60x2/20")?.map(Number) ?? [];

jest.setTimeout(600_000 + NODES * CYCLES * 2_000);

const namespace = "node-agents";
const plan = examplePlan("fabric");
const { contract, assetSet } = plan;
const reporterUser = `system:serviceaccount:${namespace}:${plan.objectName}`;

/** One node's stay, from its joining until it leaves; the next one may bear the same name. */
interface Stay {
  uid: string;
  joined: number;
  labelled?: number;
  /** Values of its label that were not the set's, or without which it was open. */
  wrong: string[];
}

let lab: SimulatorLab;
const stays = new Map<string, Stay>();
const stopped = new AbortController();

beforeAll(async () => {
  lab = await startSimulatorLab();
  await lab.startSimulators();
  await applyProvisioner(lab.client, plan, namespace);
  void lab.client.watch("/api/v1/nodes", { signal: stopped.signal }, ({ object }) => {
    see(object);
  });
});

afterAll(async () => {
  stopped.abort();
  await lab.stop();
});

function see({ metadata, spec }: KubeObject): void {
  const stay = stays.get(metadata.uid ?? "");
  const label = metadata.labels?.[contract.assetsLabel];
  if (stay === undefined) return;
  const isClosed = listAt(spec, "taints").some(
    (taint) => textAt(taint, "key") === contract.startupTaint,
  );
  const isSound = label === undefined ? isClosed : label === assetSet && !isClosed;
  if (!isSound) stay.wrong.push(`${label ?? "no label"}, ${isClosed ? "closed" : "open"}`);
  if (label !== undefined) stay.labelled ??= performance.now();
}

async function join(index: number): Promise<void> {
  const joined = performance.now();
  const { metadata } = await lab.client.create(nodeManifest(NodeKind.Kvm, index, nodeContract()));
  stays.set(metadata.uid ?? "", { uid: metadata.uid ?? "", joined, wrong: [] });
  see(
    await lab.client.get({ apiVersion: "v1", kind: "Node", name: nodeName(NodeKind.Kvm, index) }),
  );
}

const leave = (index: number) =>
  lab.client.remove({ apiVersion: "v1", kind: "Node", name: nodeName(NodeKind.Kvm, index) });

const isLabelled = () =>
  Promise.resolve([...stays.values()].every(({ labelled }) => labelled !== undefined));

test(`${NODES} nodes, ${CYCLES} times each, ${AT_ONCE} at once: they leave, come back under the same name, and each is labelled, none wrongly`, async () => {
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    for (let first = 0; first < NODES; first += AT_ONCE) {
      const wave = Array.from({ length: Math.min(AT_ONCE, NODES - first) }, (_, at) => first + at);
      if (cycle > 0) await Promise.all(wave.map(leave));
      await Promise.all(wave.map(join));
      await until("the wave is labelled", isLabelled, 300);
    }
  }
  const all = [...stays.values()];
  expect(all).toHaveLength(NODES * CYCLES);
  expect(all.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  const seconds = all.map(({ joined, labelled = NaN }) => (labelled - joined) / 1000);
  seconds.sort((one, other) => one - other);
  const at = (share: number) => seconds[Math.ceil(share * seconds.length) - 1]?.toFixed(2);
  process.stderr.write(
    `${all.length} joins of ${AT_ONCE} at once: label after ${at(0.5)} s (median), ${at(0.99)} s (p99), ${at(1)} s at most\n`,
  );
});

test("each write was made by a pod of that very node, not of one that bore its name before", () => {
  const writes = fs
    .readFileSync(lab.auditFile, "utf8")
    .split("\n")
    .filter((line) => line.includes(reporterUser) && line.includes('"verb":"patch"'))
    .map((line) => JSON.parse(line))
    .filter(({ responseStatus }) => responseStatus.code === 200);
  const perNode = new Map<string, number>();
  for (const { user, objectRef } of writes) {
    const of = (what: string) => user.extra[`authentication.kubernetes.io/${what}`]?.[0];
    expect(of("node-name")).toBe(objectRef.name);
    expect(stays.has(of("node-uid"))).toBe(true);
    perNode.set(of("node-uid"), (perNode.get(of("node-uid")) ?? 0) + 1);
  }
  process.stderr.write(`${writes.length} node writes, ${writes.length / stays.size} a join\n`);
  // The label with the startup taint, and the condition.
  expect([perNode.size, Math.max(...perNode.values())]).toEqual([stays.size, 2]);
});
