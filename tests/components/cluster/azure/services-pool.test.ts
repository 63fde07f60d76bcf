import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import {
  AksUpgradeChannel,
  type AzureClusterArgs,
} from "../../../../components/cluster/azure/args";
import { AzureCluster } from "../../../../components/cluster/azure/azure-cluster";
import { planAzureCluster } from "../../../../components/cluster/azure/plan";
import { AzureNetwork } from "../../../../components/network/azure";
import { renderFault } from "../../../../components/shared/faults";
import { deploy, type DeployOptions, find, tree, UNKNOWN } from "../../../support/deploy";
import { remember } from "../../../support/remember";
import { deployEdges } from "../aws/edges";

const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";
const NOW = new Date("2026-11-21T00:00:00Z");
const vnetId =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";
const least: AzureClusterArgs = {
  adminGroupObjectIds: ["11111111-1111-1111-1111-111111111111"],
  kubernetesVersion: "1.36.2",
  network: {
    location: "westeurope",
    nodeSubnetId: `${vnetId}/subnets/nodes`,
    resourceGroupName: "g",
    vnetCidr: "10.0.0.0/16",
    vnetId,
  },
};

beforeAll(() => {
  jest.useFakeTimers({ advanceTimers: true, now: NOW });
});
afterAll(() => {
  jest.useRealTimers();
});

const outputsOf: DeployOptions["outputsOf"] = (type, name, inputs) =>
  type === CLUSTER
    ? { name: inputs.resourceName, currentKubernetesVersion: "1.36.2", privateFQDN: "f.example" }
    : { name, location: inputs.location };

const answer = Buffer.from("clusters: [{ cluster: { certificate-authority-data: Q0E= } }]");
const call: DeployOptions["call"] = () => ({
  kubeconfigs: [{ name: "user", value: answer.toString("base64") }],
});

const run = remember((args: Partial<AzureClusterArgs> = {}, options: DeployOptions = {}) => {
  const program = () => {
    new AzureCluster("fabric", { ...least, ...args });
  };
  return deploy(program, { call, outputsOf, ...options });
});

test("adds one pool and nothing else, known or not", async () => {
  const without = tree(await run());
  const lines = tree(await run({ servicesPool: {} }));
  expect(lines.filter((line) => !without.includes(line))).toEqual([
    "azure-native:containerservice:AgentPool fabric-services < fabric",
  ]);
  expect(without.filter((line) => !lines.includes(line))).toEqual([]);
  const program = () => {
    const subnet = new Subnet("subnet", { resourceGroupName: "g", virtualNetworkName: "v" });
    const network = { ...least.network, nodeSubnetId: subnet.id };
    new AzureCluster("fabric", { ...least, network, servicesPool: {} });
  };
  const unknown = await deploy(program, { call, outputsOf, preview: true });
  expect(tree(unknown)).toEqual(tree(await deploy(program, { call, outputsOf })));
  expect(find(unknown, POOL, "fabric-services").inputs.agentPoolName).toBe(UNKNOWN);
});

test("is the system pool without its taint, for pods of users", async () => {
  const done = await run({ servicesPool: {} });
  const { ignoreChanges, inputs } = find(done, POOL, "fabric-services");
  const [system] = find(done, CLUSTER, "fabric").inputs.agentPoolProfiles;
  expect(inputs.agentPoolName).toMatch(/^services[0-9a-z]{4}$/);
  expect(inputs).toEqual({
    ...system,
    name: undefined,
    agentPoolName: inputs.agentPoolName,
    mode: "User",
    nodeTaints: [],
    resourceGroupName: "g",
    resourceName: "fabric",
  });
  expect(system.nodeTaints).toEqual(["CriticalAddonsOnly=true:NoSchedule"]);
  expect(ignoreChanges).toEqual(["count"]);
});

test("what AKS cannot change on a pool changes its name, and nothing else does", async () => {
  const nameOf = async (args: Partial<AzureClusterArgs>): Promise<string> =>
    find(await run(args), POOL, "fabric-services").inputs.agentPoolName;
  const name = await nameOf({ servicesPool: {} });
  expect(await nameOf({ servicesPool: { minNodes: 2, maxNodes: 9 }, tags: { a: "b" } })).toBe(name);
  expect(await nameOf({ servicesPool: {}, kubernetesVersion: "1.36.3" })).toBe(name);
  for (const args of [
    { servicesPool: { diskGib: 64 } },
    { servicesPool: { ephemeralDisk: true } },
    { servicesPool: { maxPodsPerNode: 60 } },
    { servicesPool: { vmSize: "Standard_D8s_v5" } },
    { servicesPool: {}, zones: ["1"] },
    { servicesPool: {}, clusterName: "other" },
  ]) {
    expect(await nameOf(args)).not.toBe(name);
  }
});

test("a channel moves its version, node auto-provisioning keeps its size", async () => {
  const pool = async (args: Partial<AzureClusterArgs>) =>
    find(await run({ servicesPool: {}, ...args }), POOL, "fabric-services");
  const moved = await pool({
    kubernetesVersion: "1.36",
    upgradeChannel: AksUpgradeChannel.Patch,
  });
  expect(moved.ignoreChanges).toEqual(["count", "orchestratorVersion"]);
  const fixed = await pool({ nodeAutoProvisioning: true });
  expect(fixed.inputs).toMatchObject({ count: 3, enableAutoScaling: false });
  expect(fixed.ignoreChanges).toEqual([]);
});

test("nodes come after NAT, and what runs on them, other pools and the lock come after them", async () => {
  const edges = await deployEdges(
    () => {
      const network = new AzureNetwork("net", { resourceGroupName: "g", location: "westeurope" });
      const cluster = new AzureCluster("fabric", {
        ...least,
        managementLock: true,
        network,
        servicesPool: {},
      });
      new Provider("in-cluster", { kubeconfig: cluster.kubeconfig });
      new pulumi.ComponentResource("test:index:Pool", "next", { cluster: cluster.name });
    },
    { call, outputsOf },
  );
  for (const line of ["ManagedCluster fabric", "AgentPool fabric-services"]) {
    const before = edges.before(line);
    expect(
      ["NatGateway net-nat", "PublicIPPrefix net-nat"].filter((way) => !before.has(way)),
    ).toEqual([]);
  }
  for (const line of ["kubernetes in-cluster", "Pool next", "ManagementLockByScope fabric-lock"]) {
    expect(edges.before(line).has("AgentPool fabric-services")).toBe(true);
  }
});

test("its faults are named by its own path", () => {
  const args = { ...least, servicesPool: { minNodes: 4, maxNodes: 3, vmSize: "D4s" } };
  const result = planAzureCluster("fabric", args, NOW);
  expect(result.ok ? [] : result.faults.map(renderFault)).toEqual([
    "servicesPool.minNodes: more than maxNodes, got 4, allowed at most 3",
    'servicesPool.vmSize: not a size of Azure, got "D4s", allowed as in Standard_D4s_v5',
  ]);
});
