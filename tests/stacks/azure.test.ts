import * as path from "node:path";
import { azureOrder } from "../lab/stacks/orders";
import { azureCall as call, azureOutputs as outputsOf } from "../support/cloud-outputs";
import { type Deployment, find, tree } from "../support/deploy";
import { describeDestroyOrder } from "../support/destroy-order";
import { stackRuns } from "../support/stack-runs";
import {
  elsewhere,
  faultsOf,
  golden,
  stopTheClock,
  strayNames,
  topResources,
} from "../support/stack-settings";

const FILE = "tests/stacks/settings/Pulumi.azure.yaml";
const POOL = "azure-native:containerservice:AgentPool";
const CLUSTER = "azure-native:containerservice:ManagedCluster";
const VNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";

stopTheClock();

const run = stackRuns(FILE, { call, outputsOf });

let whole: Deployment;
beforeAll(async () => {
  whole = await run();
});

describeDestroyOrder(azureOrder, run);

test("the stack is exactly the golden tree, and no less is shown by a preview", async () => {
  const known = tree(whole);
  expect(known).toEqual(golden(path.join(__dirname, "azure.golden.txt"), known));
  expect(tree(await run(undefined, true))).toEqual(known);
});

test("nothing is an orphan, and every name begins with its parent's", () => {
  expect(topResources(whole)).toEqual(["azure", "cluster"]);
  expect(strayNames(whole)).toEqual([]);
});

test("goes to the subscription, the region and the cluster of its configuration alone", () => {
  const cloud = find(whole, "pulumi:providers:azure-native", "azure");
  const subscriptionId = "00000000-1111-2222-3333-444444444444";
  expect(cloud.inputs).toMatchObject({ location: "westeurope", subscriptionId });
  const inside = find(whole, "pulumi:providers:kubernetes", "cluster");
  expect(inside.inputs.clusterIdentifier).toBe(`${subscriptionId}/westeurope/fabric-prod`);
  expect(elsewhere(whole, "azure-native:", cloud)).toEqual([]);
  expect(elsewhere(whole, "kubernetes:", inside)).toEqual([]);
});

test("pools are made one after the other: AKS works on one at a time", () => {
  expect(find(whole, POOL, "fabric-prod-kvm-spot").dependsOn).toContain("fabric-prod-kvm-nested");
  const nested = find(whole, POOL, "fabric-prod-kvm-nested").dependsOn;
  expect(nested.filter((name) => name.includes("-kvm-"))).toEqual([]);
  expect(nested).toContain("fabric-prod-services");
});

test("everything goes into a group of the stack's own, or into one that exists", async () => {
  const groups = (deployment: Deployment) =>
    deployment.resources.filter(({ type }) => type.endsWith(":ResourceGroup"));
  expect(groups(whole).map(({ name }) => name)).toEqual(["fabric-prod-network"]);
  const own = find(whole, CLUSTER, "fabric-prod").inputs.resourceGroupName;
  expect(own).toBe("fabric-prod-network");
  const given = await run((fabric) => (fabric.azure.resourceGroupName = "rg-given"));
  expect(groups(given)).toEqual([]);
  const places = given.resources.flatMap(({ inputs }) => inputs.resourceGroupName ?? []);
  expect(new Set(places)).toEqual(new Set(["rg-given"]));
});

test("what an environment stands for is in the cluster, until the stack says otherwise", async () => {
  const system = (deployment: Deployment, name: string) => {
    const [{ count, minCount }] = find(deployment, CLUSTER, name).inputs.agentPoolProfiles;
    return minCount ?? count;
  };
  const days = ({ resources }: Deployment) =>
    resources.find(({ type }) => type.endsWith(":Workspace"))?.inputs.retentionInDays;
  expect([system(whole, "fabric-prod"), days(whole)]).toEqual([3, 365]);
  const dev = await run((fabric) => (fabric.environment = "dev"));
  expect([system(dev, "fabric-dev"), days(dev)]).toEqual([2, 30]);
  const own = await run(({ azure }) => {
    azure.cluster.systemPool = { maxNodes: 2 };
    azure.cluster.logs = { retentionDays: 40 };
  });
  expect([system(own, "fabric-prod"), days(own)]).toEqual([2, 40]);
  expect(find(whole, CLUSTER, "fabric-prod").protect).toBe(true);
  expect(find(dev, CLUSTER, "fabric-dev").protect).toBe(false);
});

test("the pool of services has a node for each Consul server", async () => {
  const services = ({ resources }: Deployment) => {
    const pool = resources.find(
      ({ type, name }) => type.endsWith(":AgentPool") && name.endsWith("-services"),
    );
    const { count, maxCount, minCount } = pool?.inputs ?? {};
    return [count, minCount, maxCount];
  };
  expect(services(whole)).toEqual([5, 5, 6]);
  expect(services(await run((fabric) => (fabric.consul.servers = 7)))).toEqual([
    7,
    undefined,
    undefined,
  ]);
  expect(services(await run((fabric) => (fabric.environment = "dev")))).toEqual([3, 3, 6]);
  const own = await run(({ azure }) => (azure.cluster.servicesPool = { minNodes: 4 }));
  expect(services(own)).toEqual([4, 4, 6]);
});

test("a workspace that exists keeps its own retention", () => {
  const workspaceId =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w";
  expect(faultsOf(FILE, ({ azure }) => (azure.cluster.logs = { workspaceId }))).toEqual([]);
});

test("a network that exists is taken instead of one of the stack's own", async () => {
  const existing = await run(onExistingNetwork);
  expect(existing.resources.filter(({ type }) => type.includes("AzureNetwork"))).toEqual([]);
  expect(find(existing, CLUSTER, "fabric-prod").inputs.resourceGroupName).toBe("network-group");
  expect(find(existing, POOL, "fabric-prod-kvm-nested").inputs.vnetSubnetID).toBe(
    `${VNET}/subnets/nodes`,
  );
});

function onExistingNetwork(fabric: any): void {
  delete fabric.azure.network;
  fabric.azure.existingNetwork = {
    location: "westeurope",
    nodeSubnetId: `${VNET}/subnets/nodes`,
    resourceGroupName: "network-group",
    vnetCidr: "10.64.0.0/16",
    vnetId: VNET,
  };
}

const azure = "kvm-fabric:fabric.azure";
test.each<[string, (fabric: any) => void, string[]]>([
  ["no settings", (fabric) => delete fabric.azure, [`${azure}: missing, allowed an object`]],
  [
    "settings of another target beside them",
    (fabric) => (fabric.gcp = { project: "p-12345", region: "europe-west1" }),
    ["kvm-fabric:fabric.gcp: settings of another target than azure"],
  ],
  [
    "the settings beside another target",
    (fabric) => {
      fabric.target = "kubernetes";
      fabric.kubernetes = { context: "c" };
    },
    [`${azure}: settings of another target than kubernetes; try target "azure", or no azure`],
  ],
  [
    "a location by its display name",
    (fabric) => (fabric.azure.location = "West Europe"),
    [`${azure}.location: cannot be used here, got "West Europe", allowed as in westeurope`],
  ],
  [
    "no subscription",
    (fabric) => (fabric.azure.subscriptionId = "production"),
    [`${azure}.subscriptionId: cannot be used here, got "production", allowed a GUID`],
  ],
  [
    "no name of a resource group",
    (fabric) => (fabric.azure.resourceGroupName = "fabric."),
    [`${azure}.resourceGroupName: cannot be used here, got "fabric."`],
  ],
  ["no network", (fabric) => delete fabric.azure.network, [`${azure}.network: missing`]],
  [
    "two networks",
    (fabric) => {
      const { network } = fabric.azure;
      onExistingNetwork(fabric);
      fabric.azure.network = network;
    },
    [`${azure}.network: given beside existingNetwork; try one of network and existingNetwork`],
  ],
  [
    "a network of another region",
    (fabric) => {
      onExistingNetwork(fabric);
      fabric.azure.existingNetwork.location = "northeurope";
    },
    [`${azure}.existingNetwork.location: cannot be used here, got "northeurope"`],
  ],
  [
    "Services in the network's range",
    (fabric) => (fabric.azure.cluster.serviceCidr = "10.64.128.0/20"),
    [`${azure}.cluster.serviceCidr: overlaps the network's 10.64.0.0/16`],
  ],
  [
    "pods in the range of a network that exists",
    (fabric) => {
      onExistingNetwork(fabric);
      fabric.azure.existingNetwork.vnetCidr = "10.244.0.0/16";
    },
    [`${azure}.cluster.podCidr: overlaps the network's 10.244.0.0/16`],
  ],
  [
    "spot nodes that the provisioner does not reach",
    (fabric) => delete fabric.provisioner.tolerations,
    [
      "kvm-fabric:fabric.provisioner.tolerations: nothing that tolerates the taint of AKS's spot nodes, which pool spot has",
    ],
  ],
  [
    "what the composition gives by itself",
    (fabric) => (fabric.azure.cluster.resourceGroupName = "g"),
    [`${azure}.cluster.resourceGroupName: unknown key`],
  ],
  [
    "a pool whose key begins no name",
    (fabric) => (fabric.azure.pools = { Nested: fabric.azure.pools.nested }),
    [`${azure}.pools.Nested: `],
  ],
  [
    "a tag that Azure does not take: one fault, where it stands",
    (fabric) => (fabric.azure.tags["a/b"] = "c"),
    [`${azure}.tags.a/b: not a tag of Azure`],
  ],
])("%s is refused", (_, change, expected) => {
  expect(faultsOf(FILE, change)).toEqual(
    expected.map((text) => expect.stringContaining(text) as unknown),
  );
});
