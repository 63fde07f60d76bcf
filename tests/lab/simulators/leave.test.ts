import { CONDITION_TYPE } from "../../../components/node-provisioner/node-reports";
import type { KubeObject } from "../../../lab/kube/objects";
import { fieldAt, listAt, textAt } from "../../../lab/kube/objects";
import { withLab } from "../../support/lab";
import { eventually } from "../../support/wait";
import { applyIdentity, examplePlan, kvmNode, removeIdentity } from "../node-provisioner/stage";
import { isWrite, readAudit } from "./audit-log";
import { applyDaemonSet } from "./lab";

const lab = withLab();
const { client } = lab;

// A domain of its own: the lab's nodes belong to the other tests.
const name = lab.unique("leave");
const plan = examplePlan(name, `${name}.example.com`);
const { contract, assetSet } = plan;
const nodes = ["a", "b", "c"].map((letter) => `${name}-${letter}`);
let namespace: string;

const node = (nodeName: string) => client.get({ apiVersion: "v1", kind: "Node", name: nodeName });
const labelOf = (object: KubeObject) => textAt(object, "metadata", "labels", contract.assetsLabel);
const daemonSet = () => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  ...{ namespace, name: plan.objectName },
});
const allNodes = () => Promise.all(nodes.map(node));

/**
 * What nobody but the provisioner may change. The status and what is in it are the kubelet's, and the taints of
 * `node.kubernetes.io` come and go by the node controller's hand.
 */
async function marks(): Promise<any[]> {
  return (await allNodes()).map(({ metadata, spec }) => {
    const { labels, annotations, finalizers, ownerReferences } = metadata;
    const { taints = [], ...rest } = spec as { taints?: { key: string }[] };
    const own = taints.filter(({ key }) => !key.startsWith("node.kubernetes.io/"));
    return { labels, annotations, finalizers, ownerReferences, spec: rest, taints: own };
  });
}

const proven = () =>
  eventually("all nodes proven", async () => {
    return (await allNodes()).every((object) => labelOf(object) === assetSet && isTold(object));
  });

/** Whether the last of the writes of a proven node is made. */
const isTold = (object: KubeObject) =>
  listAt(object, "status", "conditions").some((one) => textAt(one, "type") === CONDITION_TYPE);

/** The calls of the provisioner's pods since a moment. */
function calls(from: number) {
  const user = `system:serviceaccount:${namespace}:${plan.objectName}`;
  return readAudit(lab.auditLog, from).requests.filter((request) => request.user === user);
}
const writes = (from: number) => calls(from).filter(isWrite);
const now = () => readAudit(lab.auditLog).end;
/** The label and the condition of each node: a write is made before the log tells of it. */
const areLogged = (from: number) =>
  eventually("the writes in the log", () => {
    return writes(from).filter(({ status }) => status === 200).length >= 2 * nodes.length;
  });

beforeAll(async () => {
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "privileged" });
  for (const each of nodes) await client.create(kvmNode(each, plan, { finalizers: [] }));
  await applyIdentity(client, plan, namespace);
  await applyDaemonSet(client, plan, namespace);
  await proven();
  await areLogged(0);
});

afterAll(async () => {
  await removeIdentity(client, plan);
  for (const each of nodes) await client.remove({ apiVersion: "v1", kind: "Node", name: each });
});

test("a rolling restart of the provisioner leaves every label, and the pods write nothing", async () => {
  const before = await marks();
  const from = now();
  const annotations = { "example.com/restarted": "now" };
  await client.patch(daemonSet(), { spec: { template: { metadata: { annotations } } } });
  await eventually("the rollout", async () => {
    const found = await client.get(daemonSet());
    const status = (field: string) => fieldAt(found, "status", field);
    return (
      status("observedGeneration") === fieldAt(found, "metadata", "generation") &&
      status("updatedNumberScheduled") === nodes.length &&
      status("numberReady") === nodes.length
    );
  });
  expect(await marks()).toEqual(before);
  expect(writes(from)).toEqual([]);
  // Each of the old pods has looked, as itself, whether its DaemonSet goes.
  const looks = calls(from).filter(({ resource }) => resource === "daemonsets");
  expect(looks.map(({ status, tokenNode }) => [status, tokenNode]).sort()).toEqual(
    nodes.map((each) => [200, each]),
  );
});

test("neither does a pod that is deleted, as by a drain, take its label along", async () => {
  const before = await marks();
  const pods = await client.list("v1", "Pod", { namespace });
  await client.remove(pods[0] ?? daemonSet());
  await eventually("another pod", async () => {
    const uids = (await client.list("v1", "Pod", { namespace })).map(
      ({ metadata }) => metadata.uid,
    );
    return uids.length === nodes.length && !uids.includes(pods[0]?.metadata.uid);
  });
  expect(await marks()).toEqual(before);
});

test("when the DaemonSet is deleted in the foreground and gone, so are all labels and nothing else", async () => {
  const before = await marks();
  const from = now();
  await client.remove(daemonSet(), { propagation: "Foreground" });
  await eventually("the DaemonSet gone", async () => {
    return (await client.find(daemonSet())) === undefined;
  });
  const after = await marks();
  for (const { labels } of before) Reflect.deleteProperty(labels, contract.assetsLabel);
  expect(after).toEqual(before);
  await areLogged(from);
  expect(
    writes(from)
      .map(({ name: written, tokenNode, status }) => [written, tokenNode, status])
      .sort(),
  ).toEqual(nodes.flatMap((each) => [1, 2].map(() => [each, each, 200])));
  expect((await allNodes()).filter(isTold)).toEqual([]);
});

test("a provisioner that comes back labels the nodes again, and one deleted in the background takes it off", async () => {
  await applyDaemonSet(client, plan, namespace);
  await proven();
  await client.remove(daemonSet(), { propagation: "Background" });
  await eventually("all labels gone", async () => {
    return (await allNodes()).every((object) => labelOf(object) === undefined);
  });
});
