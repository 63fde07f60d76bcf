import {
  labelRemoval,
  labelWrite,
  taintWrite,
} from "../../../components/node-provisioner/node-writes";
import type { KubeClient } from "../../../lab/kube/client";
import { isKubeError } from "../../../lab/kube/kube-error";
import type { KubeObject } from "../../../lab/kube/objects";
import { eventually, withLab } from "../../support/lab";
import { hostileWrites } from "./hostile-writes";
import {
  applyIdentity,
  examplePlan,
  grantEverythingOnNodes,
  kvmNode,
  otherToken,
  podToken,
  refusal,
  removeIdentity,
} from "./stage";
import { nodes, patch, patchTypes, path, type Identity } from "./write-cases";

const lab = withLab();
const admin = lab.client;

const namespace = lab.unique("hostile");
const plan = examplePlan(namespace);
const { contract, assetSet } = plan;
const hostile = hostileWrites(contract, assetSet);
let clients: Partial<Record<Identity, KubeClient>> = {};

function as(identity: Identity): KubeClient {
  const client = clients[identity];
  if (!client) throw new Error(`no client for ${identity}`);
  return client;
}

/**
 * What no write below may change. The status is the simulated kubelet's; taints under
 * `node.kubernetes.io/` come and go with it, by the node lifecycle controller's hand.
 */
async function nodeAsSeen(name: string): Promise<unknown> {
  const { metadata, spec } = (await admin.get({
    apiVersion: "v1",
    kind: "Node",
    name,
  })) as any;
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const taints = (spec.taints ?? []).filter(
    ({ key }: { key: string }) => !key.startsWith("node.kubernetes.io/"),
  );
  return { labels, annotations, finalizers, ownerReferences, spec: { ...spec, taints } };
}

const allNodes = () => Promise.all(Object.values(nodes).map(nodeAsSeen));

beforeAll(async () => {
  await admin.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
  });
  const proven = { [contract.assetsLabel]: assetSet };
  await admin.create(kvmNode(nodes.a, plan));
  await admin.create(kvmNode(nodes.b, plan));
  await admin.create(kvmNode(nodes.c, plan, { labels: proven }));
  await admin.create(kvmNode(nodes.d, plan, { labels: { [contract.capabilityLabel]: "false" } }));
  await applyIdentity(admin, plan, namespace);
  clients = await identities();
  await eventually("the policy is in force", async () => {
    const answer = await refusal(() =>
      patch(nodes.a, { spec: { unschedulable: false } })(as("no pod")),
    );
    return answer?.message.includes("node provisioner") ?? false;
  });
});

async function identities(): Promise<Record<Identity, KubeClient>> {
  const secret: KubeObject = await admin.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "bound", namespace },
  });
  const node = await admin.get({ apiVersion: "v1", kind: "Node", name: nodes.a });
  const bound = (kind: string, { metadata: { name, uid } }: KubeObject) =>
    otherToken(admin, plan.objectName, namespace, {
      boundObjectRef: { apiVersion: "v1", kind, name, uid },
    });
  const of = async (place: string | undefined) =>
    admin.withToken((await podToken(admin, plan, namespace, place)).token);
  return {
    "own pod": await of(nodes.a),
    "pod of another node": await of(nodes.b),
    "pod of a proven node": await of(nodes.c),
    "pod of a node that no pool promised": await of(nodes.d),
    "pod on no node": await of(undefined),
    "no pod": admin.withToken(await otherToken(admin, plan.objectName, namespace)),
    "bound to a Secret": admin.withToken(await bound("Secret", secret)),
    "bound to a Node": admin.withToken(await bound("Node", node)),
  };
}

afterAll(async () => {
  const gone = async (call: Promise<unknown>) => {
    await call.catch((error: unknown) => {
      if (!isKubeError(error, "NotFound")) throw error;
    });
  };
  for (const client of Object.values(clients)) client.close();
  // Their nodes go, so nothing would confirm that the pods ended.
  await admin.request("DELETE", `/api/v1/namespaces/${namespace}/pods`, {
    query: { gracePeriodSeconds: 0 },
  });
  const cluster = (apiVersion: string, kind: string, name: string) =>
    gone(admin.remove({ apiVersion, kind, name }));
  await removeIdentity(admin, plan);
  for (const name of Object.values(nodes)) {
    await gone(patch(name, { metadata: { finalizers: null } })(admin));
    await cluster("v1", "Node", name);
  }
  await cluster("v1", "Namespace", namespace);
  const place = { apiVersion: "v1", kind: "Namespace", name: namespace };
  await eventually("it is gone", async () => (await admin.find(place)) === undefined);
});

test("there are at least 40 hostile writes, each with a name of its own", () => {
  expect(hostile.length).toBeGreaterThanOrEqual(40);
  expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length);
});

test("the API server finds no doubtful expression in the policy", async () => {
  const [apiVersion, kind] = ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"];
  await eventually("the types are checked", async () => {
    const policy: any = await admin.get({ apiVersion, kind, name: plan.policyName });
    return policy.status?.observedGeneration === policy.metadata.generation;
  });
  const policy: any = await admin.get({ apiVersion, kind, name: plan.policyName });
  expect(policy.status.typeChecking).toEqual({});
});

describe("with the rights that ship, every hostile write is refused and changes nothing", () => {
  test.each(hostile)("$name", async ({ identity, shipped, policy, run }) => {
    const before = await allNodes();
    const answer = await refusal(() => run(as(identity)));
    expect(answer?.status).toBe(403);
    expect(answer?.message).toMatch(shipped === "policy" ? policy : /cannot \w+ resource/);
    expect(await allNodes()).toEqual(before);
  });
});

describe("even with every right on nodes, the policy alone refuses every hostile write", () => {
  let takeBack: () => Promise<void>;
  beforeAll(async () => {
    takeBack = await grantEverythingOnNodes(admin, plan, namespace);
    await eventually("the wide role is in force", async () => {
      const run = () => as("own pod").request("DELETE", path("no-such-node"));
      return (await refusal(run))?.status === 404;
    });
  });
  afterAll(() => takeBack());

  test.each(hostile)("$name", async ({ identity, policy, run }) => {
    const before = await allNodes();
    const answer = await refusal(() => run(as(identity)));
    expect(answer?.status).toBe(403);
    expect(answer?.message).toMatch(policy);
    expect(await allNodes()).toEqual(before);
  });
});

describe("tokens that are no longer, or never were, the provisioner's", () => {
  const legal = patch(nodes.a, labelWrite(contract, assetSet).body);

  test("the token of a deleted pod is worth nothing", async () => {
    const { pod, token } = await podToken(admin, plan, namespace, undefined).catch(async () => {
      const name = `${plan.objectName}-unplaced`;
      await admin.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, {
        query: { gracePeriodSeconds: 0 },
      });
      return podToken(admin, plan, namespace, undefined);
    });
    const client = admin.withToken(token);
    expect((await refusal(() => legal(client)))?.status).toBe(403);
    const place = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name ?? ""}`;
    await admin.request("DELETE", place, { query: { gracePeriodSeconds: 0 } });
    await eventually("the token is refused", async () => {
      return (await refusal(() => legal(client)))?.status === 401;
    });
    client.close();
  });

  test("the token for another audience is worth nothing", async () => {
    const token = await otherToken(admin, plan.objectName, namespace, { audiences: ["vault"] });
    const client = admin.withToken(token);
    expect((await refusal(() => legal(client)))?.status).toBe(401);
    client.close();
  });

  test("the account sees no DaemonSet but its own", async () => {
    const see = (name: string) => () =>
      as("own pod").get({ apiVersion: "apps/v1", kind: "DaemonSet", name, namespace });
    expect((await refusal(see(plan.objectName)))?.status).toBe(404);
    expect((await refusal(see("another")))?.status).toBe(403);
  });

  test("another account of the namespace has no right to nodes", async () => {
    const client = admin.withToken(await otherToken(admin, "default", namespace));
    const answer = await refusal(() => legal(client));
    expect(answer?.status).toBe(403);
    expect(answer?.message).toMatch(/cannot patch resource "nodes"/);
    client.close();
  });
});

describe("a status sent to the node itself", () => {
  test("is dropped by the API server, so nothing of it arrives", async () => {
    const body = { status: { capacity: { "example.com/forged": "1" } } };
    await patch(nodes.a, body)(as("own pod"));
    const node = await admin.get({ apiVersion: "v1", kind: "Node", name: nodes.a });
    expect(JSON.stringify(node.status)).not.toContain("example.com/forged");
  });
});

describe("every legal write passes", () => {
  const write = (node: string, { body, contentType }: { body: unknown; contentType: string }) =>
    patch(node, body, contentType);
  const read = (name: string): Promise<any> => admin.get({ apiVersion: "v1", kind: "Node", name });

  test("a patch that changes nothing", async () => {
    const before = await nodeAsSeen(nodes.a);
    await patch(nodes.a, {})(as("own pod"));
    expect(await nodeAsSeen(nodes.a)).toEqual(before);
  });

  test("the label, then the startup taint; all else stays", async () => {
    const before: any = await nodeAsSeen(nodes.a);
    await write(nodes.a, labelWrite(contract, assetSet))(as("own pod"));
    const removal = taintWrite(contract, await read(nodes.a));
    if (!removal) throw new Error("the node carries no startup taint");
    await write(nodes.a, removal)(as("own pod"));
    const after: any = await nodeAsSeen(nodes.a);
    expect(after).toEqual({
      ...before,
      labels: { ...before.labels, [contract.assetsLabel]: assetSet },
      spec: {
        ...before.spec,
        taints: before.spec.taints.filter(
          ({ key, effect }: any) => key !== contract.startupTaint || effect !== "NoSchedule",
        ),
      },
    });
  });

  test("both again, on a node that has them already", async () => {
    await write(nodes.a, labelWrite(contract, assetSet))(as("own pod"));
    expect(taintWrite(contract, await read(nodes.a))).toBeUndefined();
  });

  test("the taint of a node that somebody else labelled", async () => {
    const removal = taintWrite(contract, await read(nodes.c));
    if (!removal) throw new Error("the node carries no startup taint");
    await write(nodes.c, removal)(as("pod of a proven node"));
    expect(taintWrite(contract, await read(nodes.c))).toBeUndefined();
  });

  test.each(Object.entries(patchTypes))(
    "the label as a %s patch, over an older set",
    async (kind, type) => {
      const old = { metadata: { labels: { [contract.assetsLabel]: "assets-older" } } };
      await patch(nodes.b, old)(admin);
      const labels = { [contract.assetsLabel]: assetSet };
      const json = [
        {
          op: "replace",
          path: `/metadata/labels/${contract.assetsLabel.replace("/", "~1")}`,
          value: assetSet,
        },
      ];
      const apply = { apiVersion: "v1", kind: "Node", metadata: { name: nodes.b, labels } };
      const body = kind === "json" ? json : kind === "apply" ? apply : { metadata: { labels } };
      await patch(nodes.b, body, type)(as("pod of another node"));
      expect((await read(nodes.b)).metadata.labels[contract.assetsLabel]).toBe(assetSet);
    },
  );

  test.each([
    ["this", assetSet],
    ["an older", "assets-older"],
  ])("the label of %s set taken off again; all else stays", async (_, value) => {
    await patch(nodes.a, { metadata: { labels: { [contract.assetsLabel]: value } } })(admin);
    const before: any = await nodeAsSeen(nodes.a);
    expect(before.labels[contract.assetsLabel]).toBe(value);
    await write(nodes.a, labelRemoval(contract))(as("own pod"));
    Reflect.deleteProperty(before.labels, contract.assetsLabel);
    expect(await nodeAsSeen(nodes.a)).toEqual(before);
    // Once more: nothing is there, and nothing is wrong with that.
    await write(nodes.a, labelRemoval(contract))(as("own pod"));
  });

  test("a removal whose place is out of date is refused by its own test, not carried out elsewhere", async () => {
    const stale = taintWrite(contract, {
      spec: { taints: [{ key: contract.startupTaint, effect: "NoSchedule" }] },
    });
    if (!stale) throw new Error("no removal");
    const before = await nodeAsSeen(nodes.b);
    const answer = await refusal(() => write(nodes.b, stale)(as("pod of another node")));
    expect(answer?.status).toBe(422);
    expect(await nodeAsSeen(nodes.b)).toEqual(before);
  });
});
