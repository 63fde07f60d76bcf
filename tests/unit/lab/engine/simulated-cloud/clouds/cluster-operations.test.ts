import {
  type ClusterCall,
  ClusterOperations,
} from "../../../../../../lab/engine/simulated-cloud/clouds/cluster-operations";

import { cloudClient } from "./cloud-client";

const AKS = "azure-native:containerservice";
const aksPool = (name: string, resourceName = "fabric"): ClusterCall => ({
  ...{ operation: "create", type: `${AKS}:AgentPool`, id: "" },
  inputs: { resourceGroupName: "g", resourceName, agentPoolName: name },
});
const aksId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/fabric";
const gkePool = (name: string): ClusterCall => ({
  ...{ operation: "create", type: "gcp:container/nodePool:NodePool", id: "" },
  inputs: { cluster: "fabric", location: "europe-west1", name },
});
const gkeId = "projects/p/locations/europe-west1/clusters/fabric";
const gke = (operation: ClusterCall["operation"]): ClusterCall => ({
  ...{ operation, type: "gcp:container/cluster:Cluster", id: gkeId, inputs: {} },
});

function stand() {
  const notes: string[] = [];
  const operations = new ClusterOperations();
  const begin = (call: ClusterCall) => operations.begin(call, (note) => notes.push(note));
  return { begin, notes };
}

/** Whether a promise is settled once everything that can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("AKS", () => {
  test("takes one operation at a time, and says which is in the way", async () => {
    const { begin } = stand();
    const end = await begin(aksPool("one"));
    await expect(begin(aksPool("two"))).rejects.toThrow(
      'Code="OperationNotAllowed" Message="Operation is not allowed: Another agentpool operation (one - Creating) is in progress',
    );
    end();
    (await begin(aksPool("two")))();
  });

  test.each<[string, ClusterCall, string]>([
    [
      "the cluster's update",
      { operation: "update", type: `${AKS}:ManagedCluster`, id: aksId, inputs: {} },
      "Another managed cluster operation (fabric - Updating)",
    ],
    [
      "the cluster's deletion, whose id is in other capitals",
      {
        operation: "delete",
        type: `${AKS}:ManagedCluster`,
        id: aksId.replace("/g/", "/G/"),
        inputs: {},
      },
      "Another managed cluster operation (fabric - Deleting)",
    ],
    [
      "a pool's deletion",
      { operation: "delete", type: `${AKS}:AgentPool`, id: `${aksId}/agentPools/old`, inputs: {} },
      "Another agentpool operation (old - Deleting)",
    ],
  ])("%s is one too", async (_, call, message) => {
    const { begin } = stand();
    await begin(call);
    await expect(begin(aksPool("new"))).rejects.toThrow(message);
  });

  test("another cluster, a read and another kind are free", async () => {
    const { begin } = stand();
    await begin(aksPool("one"));
    await begin(aksPool("one", "other"));
    await begin({ ...aksPool("one"), operation: "read" });
    await begin({ ...aksPool("one"), type: "azure-native:network:Subnet" });
  });
});

describe("GKE", () => {
  test("takes five operations on pools, and refuses the sixth until one has ended", async () => {
    const { begin } = stand();
    const ends = await Promise.all(["a", "b", "c", "d", "e"].map((name) => begin(gkePool(name))));
    await expect(begin(gkePool("f"))).rejects.toThrow("Error 429: The cluster");
    ends[0]?.();
    await begin(gkePool("f"));
  });

  test("lets an operation on the cluster wait for those on pools, and the other way round", async () => {
    const { begin, notes } = stand();
    const endPool = await begin(gkePool("a"));
    const update = begin(gke("update"));
    expect(await isSettled(update)).toBe(false);
    endPool();
    const endUpdate = await update;
    const next = begin({ ...gkePool("b"), inputs: { cluster: gkeId, name: "b" } });
    expect(await isSettled(next)).toBe(false);
    endUpdate();
    await next;
    expect(notes).toEqual(["a is creating: waited", "fabric is updating: waited"]);
  });
});

test("who makes two pools of AKS at once has one of them refused, and made by the next try", async () => {
  const client = cloudClient();
  const inGroup = { resourceGroupName: "g" };
  await client.make("azure-native:resources:ResourceGroup", "g", inGroup);
  const agentPoolProfiles = [
    { name: "system", mode: "System", count: 1, vmSize: "Standard_D4s_v5" },
  ];
  await client.make(`${AKS}:ManagedCluster`, "fabric", {
    ...{ ...inGroup, resourceName: "fabric", agentPoolProfiles },
  });
  const pool = (name: string) =>
    client.make(`${AKS}:AgentPool`, name, {
      ...{ ...inGroup, resourceName: "fabric", agentPoolName: name, vmSize: "Standard_D8s_v5" },
    });
  const both = await Promise.allSettled([pool("one"), pool("two")]);
  expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  await pool("two");
});
