import { randomUUID } from "node:crypto";
import { KarpenterNodePools } from "../../../components/karpenter/karpenter-node-pools";
import { nodeContract } from "../../../components/shared/node-contract";
import { isKubeError } from "../../../lab/kube/kube-error";
import type { KubeObject } from "../../../lab/kube/objects";
import { deploy, reveal } from "../../support/deploy";
import { withLab } from "../../support/lab";
import { eventually } from "../../support/wait";

const lab = withLab();
const { client } = lab;
const contract = nodeContract();

/** The component's NodePool, with machines that the lab simulates. */
async function nodePool(name: string): Promise<KubeObject> {
  const nodeClass = { group: "karpenter.kwok.sh", kind: "KWOKNodeClass", name };
  const { resources } = await deploy(
    () => new KarpenterNodePools(name, { pools: [{ name: "p", nodeClass }], overlays: false }),
  );
  const found = resources.find(({ type }) => type.endsWith(":NodePool"));
  return { apiVersion: "karpenter.sh/v1", kind: "NodePool", ...reveal(found?.inputs) };
}

const classOf = (name: string) => ({
  apiVersion: "karpenter.kwok.sh/v1alpha1",
  kind: "KWOKNodeClass",
  metadata: { name },
  spec: {},
});

const claims = (pool: string) =>
  client.list("karpenter.sh/v1", "NodeClaim", {
    query: { labelSelector: `karpenter.sh/nodepool=${pool}` },
  });

const isThere = (object: KubeObject) =>
  client.get(object).then(
    () => true,
    (error: unknown) => {
      if (isKubeError(error, "NotFound")) return false;
      throw error;
    },
  );

/**
 * The garbage collector looks for new kinds every 30 s, and blocks nothing on kinds that it does not know yet: a
 * cluster that is younger cannot show the order. It knows them once it removes an object whose owner never was.
 */
beforeAll(async () => {
  const orphan = classOf(lab.unique("orphan"));
  const owner = { apiVersion: "v1", kind: "Node", name: "never-was", uid: randomUUID() };
  await client.create({ ...orphan, metadata: { ...orphan.metadata, ownerReferences: [owner] } });
  await eventually("the garbage collector", async () => !(await isThere(orphan)));
});

/** Brings a pool up with one machine in it, as a worker's pod makes Karpenter do. */
async function poolWithMachine(): Promise<KubeObject> {
  const namespace = await lab.namespace();
  const name = lab.unique("drain");
  const pool = await nodePool(name);
  await client.create(classOf(name));
  await client.create(pool);
  const kvm = { [contract.kvmResource]: "1" };
  await client.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "guest", namespace },
    spec: {
      nodeSelector: { [contract.poolLabel]: `${name}-p` },
      tolerations: [{ operator: "Exists" }],
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "guest",
          image: "example.invalid/guest",
          resources: { requests: { cpu: "1", ...kvm }, limits: kvm },
        },
      ],
    },
  });
  await eventually("a machine of the pool", async () => {
    const [claim] = await claims(`${name}-p`);
    return (claim as any)?.status?.nodeName !== undefined;
  });
  return pool;
}

async function remove(pool: KubeObject, propagationPolicy: string): Promise<void> {
  const path = await client.objectPath(pool);
  await client.request("DELETE", path, { query: { propagationPolicy } });
}

test("a pool deleted in the foreground is there until its last machine is gone", async () => {
  const pool = await poolWithMachine();
  const name = pool.metadata.name ?? "";
  const asked = pool.metadata.annotations?.["pulumi.com/deletionPropagationPolicy"];
  expect(asked).toBe("foreground");

  await remove(pool, "Foreground");
  expect(await isThere(pool)).toBe(true);
  let left = -1;
  await eventually("the pool to go", async () => {
    // Claims first: one that goes between the two questions cannot make the answer look better than it is.
    const found = (await claims(name)).length;
    if (await isThere(pool)) return false;
    left = found;
    return true;
  });
  expect((await claims(name)).length).toBe(0);
  expect(left).toBeLessThanOrEqual(1);
  await client.remove(classOf(name.replace(/-p$/, "")));
});

test("deleted in any other way it is gone at once, and its machines are not", async () => {
  const pool = await poolWithMachine();
  const name = pool.metadata.name ?? "";
  await remove(pool, "Orphan");
  await eventually("the pool to go", async () => !(await isThere(pool)));
  const left = await claims(name);
  expect(left).toHaveLength(1);
  await client.remove({
    apiVersion: "karpenter.sh/v1",
    kind: "NodeClaim",
    name: left[0]?.metadata.name ?? "",
  });
  await eventually("the machine to go", async () => (await claims(name)).length === 0);
  await client.remove(classOf(name.replace(/-p$/, "")));
});
