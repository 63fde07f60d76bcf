import { labelWrite } from "../../../components/node-provisioner/node-writes";
import type { KubeClient } from "../../../lab/kube/client";
import { isKubeError } from "../../../lab/kube/kube-error";
import { withLab } from "../../support/lab";
import { eventually } from "../../support/wait";
import { hostileWrites } from "./hostile-writes";
import {
  applyIdentity,
  examplePlan,
  kvmNode,
  otherToken,
  podToken,
  refusal,
  removeIdentity,
} from "./stage";
import { nodes, patch, type Identity } from "./write-cases";
import { describeWrites, untilInForce, writers } from "./write-suite";

const lab = withLab();
const admin = lab.client;

const namespace = lab.unique("hostile");
const plan = examplePlan(namespace);
const { contract, assetSet } = plan;
const stage = { lab, plan, namespace };
const hostile = hostileWrites(contract, assetSet);
let clients: Partial<Record<Identity, KubeClient>> = {};

function as(identity: Identity): KubeClient {
  const client = clients[identity];
  if (!client) throw new Error(`no client for ${identity}`);
  return client;
}

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
  clients = await writers(stage);
  await untilInForce(as);
});

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

describeWrites({ ...stage, as });

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
