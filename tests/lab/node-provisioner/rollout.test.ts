import * as fs from "node:fs";
import * as path from "node:path";
import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import { daemonSetSpec } from "../../../components/node-provisioner/manifests";
import { CONDITION_TYPE } from "../../../components/node-provisioner/node-reports";
import {
  planNodeProvisioner,
  type ProvisionerPlan,
  type ProvisionerShape,
} from "../../../components/node-provisioner/plan";
import type { KubeObject } from "../../../lab/kube/objects";
import { withLab } from "../../support/lab";
import { eventually } from "../../support/wait";
import {
  BOOTS,
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { type PlayedPod, playPod } from "./played-pod";
import { applyIdentity, examplePlan, kvmNode, podToken, refusal, removeIdentity } from "./stage";

const lab = withLab();
const admin = lab.client;
const name = lab.unique("rollout");
const NODES = [`${name}-a`, `${name}-b`, `${name}-c`];
const hosts = new Map<string, PretendedHost>();
let web: Web;
let pods: PlayedPod[] = [];
let plan: ProvisionerPlan;

/** Every change of a node's label, as in `node value`. */
const labels: string[] = [];
const stopped = new AbortController();

function watchLabels(): void {
  const last = new Map<string, string>(NODES.map((node) => [node, "none"]));
  const query = { labelSelector: `${plan.contract.poolLabel}=metal` };
  const options = { query, signal: stopped.signal };
  void admin.watch("/api/v1/nodes", options, ({ object: { metadata } }) => {
    const node = metadata.name ?? "";
    const value = metadata.labels?.[plan.contract.assetsLabel] ?? "none";
    if (last.get(node) === undefined || last.get(node) === value) return;
    last.set(node, value);
    labels.push(`${node} ${value}`);
  });
}

const HANGS = BOOTS.replace(/^echo .*$/m, "");

/** A set whose VMM is a script; whatever it says tells one set from another. */
function set(vmm: string, about: string): AssetSet {
  const file = (role: string, text: string) => {
    return { ...web.publish(`${role}-${about}`, text), url: "https://assets.invalid/file" };
  };
  const assets = {
    vmm: file("firecracker", `${vmm}# ${about}\n`),
    jailer: file("jailer", about),
    kernel: file("vmlinux", `kernel ${about}`),
    rootfs: file("rootfs", `rootfs ${about}`),
    gate: { seconds: 2 },
  };
  return { amd64: assets, mirrors: [web.url] };
}

function planOf(shape: Partial<ProvisionerShape> & { assets: AssetSet }): ProvisionerPlan {
  const { image } = examplePlan("x");
  const domain = `${name}.example.com`;
  const answer = planNodeProvisioner(name, { image, domain, ...shape });
  if (!answer.ok) throw new Error(JSON.stringify(answer.faults));
  return answer.plan;
}

beforeAll(async () => {
  web = await startWeb();
  await admin.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
  });
  plan = planOf({ assets: set(BOOTS, "one") });
  for (const node of NODES) {
    hosts.set(node, pretendedHost());
    await admin.create(kvmNode(node, plan, { finalizers: [] }));
  }
  await admin.create(daemonSetOfNoNode());
  watchLabels();
});

afterAll(async () => {
  stopped.abort();
  for (const pod of pods) pod.kill();
  for (const host of hosts.values()) host.remove();
  await web.close();
  await removePods();
  await removeIdentity(admin, plan);
  for (const node of NODES) await admin.remove({ apiVersion: "v1", kind: "Node", name: node });
  await refusal(() => admin.patch(daemonSet(), { metadata: { finalizers: null } }));
  await admin.remove({ apiVersion: "v1", kind: "Namespace", name });
});

const daemonSet = () => ({ apiVersion: "apps/v1", kind: "DaemonSet", name, namespace: name });

/** The provisioner's DaemonSet without a pod; once deleted it stays, going, for as long as the test wants. */
function daemonSetOfNoNode(): KubeObject {
  const { template, ...spec } = daemonSetSpec(plan);
  const nodeSelector = { "example.com/no-node": "true" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: name, finalizers: ["example.com/hold"] },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, nodeSelector } } },
  };
}

async function removePods(): Promise<void> {
  await admin.request("DELETE", `/api/v1/namespaces/${name}/pods`, {
    query: { gracePeriodSeconds: 0 },
  });
}

/** What `pulumi up` and the DaemonSet controller do: the objects, then a new pod on each node. */
async function rollOut(next: ProvisionerPlan): Promise<void> {
  await Promise.all(pods.map((pod) => pod.stop()));
  await removePods();
  plan = next;
  await applyIdentity(admin, plan, name);
  pods = [];
  for (const node of NODES) {
    const host = hosts.get(node);
    if (!host) throw new Error(`no host for ${node}`);
    const { token } = await podToken(admin, plan, name, node);
    pods.push(playPod(plan, { host, node, namespace: name, client: admin, token }));
  }
}

const nodeOf = (node: string): Promise<any> =>
  admin.get({ apiVersion: "v1", kind: "Node", name: node });

async function seen(node: string) {
  const { metadata, spec, status } = await nodeOf(node);
  const condition = status.conditions?.find(
    ({ type }: { type: string }) => type === CONDITION_TYPE,
  );
  return {
    label: metadata.labels[plan.contract.assetsLabel],
    taints: (spec.taints ?? []).filter(
      ({ key, effect }: any) => key === plan.contract.startupTaint && effect === "NoSchedule",
    ).length,
    said: condition && `${condition.status} ${condition.reason}`,
    current: linkOf(node),
  };
}

function linkOf(node: string): string | undefined {
  const link = path.join(hosts.get(node)?.root ?? "", "current");
  return fs.existsSync(link) ? path.basename(fs.readlinkSync(link)) : undefined;
}

async function allSeen(what: string, expected: object): Promise<void> {
  const wanted = JSON.stringify(NODES.map(() => expected));
  let last = "";
  try {
    await eventually(what, async () => {
      last = JSON.stringify(await Promise.all(NODES.map(seen)));
      return last === wanted;
    });
  } catch (error) {
    throw new Error(`${String(error)}\n${last}\nwanted ${wanted}`, { cause: error });
  }
}

async function leaseOf(assetSet: string): Promise<{ holder: string; annotations: any }> {
  const found: any = await admin.get({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    name: `${name}-${assetSet}`,
    namespace: name,
  });
  return { holder: found.spec.holderIdentity, annotations: found.metadata.annotations };
}

const key = (verdict: string) => `${name}.example.com/${verdict}`;
let first: ProvisionerPlan;

/** An open node with the asset set of a plan. */
const openWith = ({ assetSet }: ProvisionerPlan) => ({
  ...{ label: assetSet, taints: 0, said: "True Proven", current: assetSet },
});

test("three nodes: one goes first, then all are proven, labelled and open; one had its files, and asks for none", async () => {
  first = plan;
  const ready = hosts.get(NODES[2] ?? "");
  ready?.mount(set(BOOTS, "one"));
  expect(await ready?.run("prepare")).toMatchObject({ code: 0 });
  web.requests.length = 0;
  await rollOut(first);
  await allSeen("all are open", openWith(first));
  expect(web.requests.filter((request) => request.startsWith("GET"))).toHaveLength(2 * 4);
  const { holder, annotations } = await leaseOf(first.assetSet);
  expect(NODES).toContain(holder);
  expect(annotations[key("proven")]).toBe(holder);
  await eventually("each of them is told of", async () => {
    const events: any = await admin.request("GET", "/api/v1/namespaces/default/events", {
      query: { fieldSelector: "reason=Proven" },
    });
    const told = events.items.map(({ involvedObject }: any) => involvedObject.name);
    return NODES.every((node) => told.includes(node));
  });
});

test("files that are damaged: the label goes, they are repaired, the label comes back", async () => {
  const [node = ""] = NODES;
  const file = path.join(hosts.get(node)?.root ?? "", "versions", first.assetSet, "vmlinux");
  const before = labels.length;
  fs.rmSync(file);
  await eventually("the label went and came back", () =>
    Promise.resolve(labels.length >= before + 2),
  );
  expect(labels.slice(before)).toEqual([`${node} none`, `${node} ${first.assetSet}`]);
  expect(fs.readFileSync(file, "utf8")).toBe("kernel one");
  await allSeen("all is as before", openWith(first));
});

test("a set that boots nowhere stops at the canary: every node keeps what it has, and says why", async () => {
  const before = labels.length;
  const bad = planOf({ assets: set(HANGS, "two"), previousAssets: [set(BOOTS, "one")] });
  await rollOut(bad);
  await eventually("all say so", async () => {
    const said = (await Promise.all(NODES.map(seen))).map((node) => node.said).sort();
    return said.join() === "True GateFailed,True UpgradeHalted,True UpgradeHalted";
  });
  const { holder, annotations } = await leaseOf(bad.assetSet);
  expect(annotations).toHaveProperty([key("failed")], expect.stringContaining(holder));
  expect(annotations[key("failed")]).toContain("did not say");
  expect(
    (await Promise.all(NODES.map(seen))).map(({ label, current }) => [label, current]),
  ).toEqual(NODES.map(() => [first.assetSet, first.assetSet]));
  expect(labels.slice(before)).toEqual([]);
});

test("while it is paused, nothing moves", async () => {
  const before = labels.length;
  const sets = { assets: set(BOOTS, "three"), previousAssets: [set(BOOTS, "one")] };
  await rollOut(planOf({ ...sets, paused: true }));
  await allSeen("all say so", { ...openWith(first), said: "True UpgradePaused" });
  expect(labels.slice(before)).toEqual([]);
});

test("a good set reaches every node, the canary's first, and no node is ever without a label", async () => {
  const before = labels.length;
  const next = planOf({ assets: set(BOOTS, "three"), previousAssets: [set(BOOTS, "one")] });
  await rollOut(next);
  await allSeen("all have it", openWith(next));
  const { holder } = await leaseOf(next.assetSet);
  const moved = labels.slice(before);
  expect(moved[0]).toBe(`${holder} ${next.assetSet}`);
  expect([...moved].sort()).toEqual(NODES.map((node) => `${node} ${next.assetSet}`));
});

test("and back, without a download", async () => {
  const before = web.requests.length;
  const sets = { assets: set(BOOTS, "three"), previousAssets: [set(BOOTS, "one")] };
  await rollOut(planOf({ ...sets, rollbackTo: first.assetSet }));
  await allSeen("all are back", openWith(first));
  expect(web.requests.slice(before)).toEqual([]);
});

test("when the provisioner goes, so do label, condition and files, and nothing else", async () => {
  for (const host of hosts.values()) fs.writeFileSync(path.join(host.root, "notes"), "keep");
  await admin.remove(daemonSet(), { propagation: "Foreground" });
  const ends = await Promise.all(pods.map((pod) => pod.stop()));
  pods = [];
  expect(ends.map(({ provision, report }) => [provision.code, report.code])).toEqual(
    NODES.map(() => [0, 0]),
  );
  await allSeen("nothing is left", { taints: 0 });
  for (const host of hosts.values()) expect(host.installed()).toEqual({ notes: "keep" });
  const team = (await Promise.all(NODES.map(nodeOf))).map(({ metadata }) => metadata.labels);
  for (const left of team) expect(left["example.com/team"]).toBe("blue");
});
