import { NodeKind, nodeManifest, nodeName } from "../../../lab/cluster/node-manifests";
import { listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { nodeContract } from "../../../components/shared/node-contract";
import { eventually } from "../../support/wait";
import { examplePlan } from "../node-provisioner/stage";
import { isWrite, readAudit } from "./audit-log";
import { applyProvisioner, startSimulatorLab, type SimulatorLab } from "./lab";

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
      await eventually("the wave is labelled", isLabelled);
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

test("each write was made by a pod of that very node, not of one that bore its name before", async () => {
  const accepted = () =>
    readAudit(lab.auditFile)
      .requests.filter(({ user, status }) => user === reporterUser && status === 200)
      .filter(isWrite);
  // A write is made before the log tells of it.
  const writes = await eventually("the last stay in the log", () => {
    const all = accepted();
    return new Set(all.map(({ tokenNodeUid }) => tokenNodeUid)).size >= stays.size && all;
  });
  const perNode = new Map<string, number>();
  for (const { name, tokenNode, tokenNodeUid = "" } of writes) {
    expect(tokenNode).toBe(name);
    expect(stays.has(tokenNodeUid)).toBe(true);
    perNode.set(tokenNodeUid, (perNode.get(tokenNodeUid) ?? 0) + 1);
  }
  process.stderr.write(`${writes.length} node writes, ${writes.length / stays.size} a join\n`);
  // The label with the startup taint, and the condition.
  expect([perNode.size, Math.max(...perNode.values())]).toEqual([stays.size, 2]);
});
