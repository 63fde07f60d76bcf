import { nodeContract } from "../../../components/shared/node-contract";
import { kvmNodePool } from "../../../lab/cluster/karpenter-manifests";
import { isKubeError } from "../../../lab/kube/kube-error";
import { conditionOf, fieldAt, listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { withLab } from "../../support/lab";
import { eventually } from "../../support/wait";

const lab = withLab();
const { client } = lab;
const contract = nodeContract();
const pool = lab.unique("karpenter");

let namespace: string;

beforeAll(async () => {
  namespace = await lab.namespace();
  for (const object of kvmNodePool(pool)) await client.apply(object, { force: true });
});

afterAll(async () => {
  for (const { apiVersion, kind } of kvmNodePool(pool)) {
    await client.remove({ apiVersion, kind, name: pool }).catch((error: unknown) => {
      if (!isKubeError(error, "NotFound")) throw error;
    });
  }
});

const nodes = () =>
  client.list("v1", "Node", { query: { labelSelector: `${contract.poolLabel}=${pool}` } });

const claims = () =>
  client.list("karpenter.sh/v1", "NodeClaim", {
    query: { labelSelector: `karpenter.sh/nodepool=${pool}` },
  });

const taintKeys = (node: KubeObject | undefined) =>
  listAt(node, "spec", "taints").map((taint) => textAt(taint, "key"));

function worker(name: string): KubeObject {
  const kvm = { [contract.kvmResource]: "1" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      nodeSelector: { [contract.capabilityLabel]: "true", [contract.poolLabel]: pool },
      tolerations: [{ key: contract.workerTaint, operator: "Equal", value: "true" }],
      containers: [
        {
          name: "worker",
          image: "example.invalid/worker",
          resources: { requests: { cpu: "1", ...kvm }, limits: kvm },
        },
      ],
    },
  };
}

test("a pending worker makes a node, behind the gate until it is opened, and its end removes it", async () => {
  // A DaemonSet that asks for the device plugin's resource counts for every new node: were the resource not on
  // offer, Karpenter would find no instance type at all.
  await client.create(agent());
  await client.create(worker("demand"));

  const node = await eventually(
    "a node that Karpenter registered",
    async () =>
      (await nodes()).find((found) => taintKeys(found).includes(contract.startupTaint)) ?? false,
  );
  expect(node.metadata.labels).toMatchObject({
    [contract.capabilityLabel]: "true",
    [contract.poolLabel]: pool,
  });
  expect(node.metadata.annotations).toMatchObject({ "kwok.x-k8s.io/node": "fake" });
  expect(taintKeys(node)).toEqual(
    expect.arrayContaining([contract.workerTaint, contract.startupTaint]),
  );
  expect(Number(fieldAt(node, "status", "allocatable", contract.kvmResource))).toBeGreaterThan(1);

  const claim = await eventually("the claim to say why it is not ready", async () =>
    (await claims()).find((found) =>
      conditionOf(found, "Initialized")?.message.includes(contract.startupTaint),
    ),
  );
  expect(conditionOf(claim, "Ready")?.status).not.toBe("True");
  const pod = { apiVersion: "v1", kind: "Pod", name: "demand", namespace };
  expect(textAt(await client.get(pod), "spec", "nodeName")).toBeUndefined();

  const taints = listAt(await client.get(node), "spec", "taints").filter(
    (taint) => textAt(taint, "key") !== contract.startupTaint,
  );
  await client.patch(node, { spec: { taints } });
  await eventually(
    "the worker to run",
    async () => textAt(await client.get(pod), "status", "phase") === "Running",
  );
  await eventually(
    "the claim to be ready",
    async () => conditionOf((await claims())[0], "Ready")?.status === "True",
  );

  await client.remove(pod);
  // Karpenter looks every 10 s, then waits 15 s more to be sure that the node stays empty.
  await eventually("the node to go", async () => (await nodes()).length === 0);
});

function agent(): KubeObject {
  const labels = { "app.kubernetes.io/instance": pool };
  const kvm = { [contract.kvmResource]: "1" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "agent", namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { [contract.poolLabel]: pool },
          tolerations: [{ operator: "Exists" }],
          containers: [
            {
              name: "agent",
              image: "example.invalid/agent",
              resources: { requests: { cpu: "100m", ...kvm }, limits: kvm },
            },
          ],
        },
      },
    },
  };
}
