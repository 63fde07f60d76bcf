import { AzureNetwork } from "../../../components/network/azure";
import type { AzureNetworkArgs } from "../../../components/network/azure-args";
import { NatMode } from "../../../components/network/nat-mode";
import type { AzureNetworkRef } from "../../../components/network/network-ref";
import { deploy, type DeployOptions, find, tree } from "../../support/deploy";
import { remember } from "../../support/remember";

const SUBNET = "azure-native:network:Subnet";
const GROUP = "azure-native:network:NetworkSecurityGroup";
const everything: AzureNetworkArgs = {
  apiServerSubnet: true,
  flowLogs: { storageAccountId: "/storage" },
  location: "westeurope",
  natMode: NatMode.PerZone,
  publicPorts: [443],
};
const computed = (_type: string, name: string, inputs: any): Record<string, unknown> => ({
  name: inputs.virtualNetworkName ?? inputs.resourceGroupName ?? name,
  ipPrefix: "203.0.113.0/31",
});

const run = remember((args: AzureNetworkArgs, options: DeployOptions = {}) =>
  deploy(
    () => {
      const network: AzureNetworkRef = new AzureNetwork("net", args);
      return { node: network.nodeSubnetId };
    },
    { outputsOf: computed, ...options },
  ),
);

test("makes exactly its resources, each below it, the same where nothing is known yet", async () => {
  const subnets = ["api", "nodes", "nodes-1", "nodes-2", "nodes-3"];
  const expected = [
    "azure-native:network:FlowLog net-flow-log < net",
    ...["1", "2", "3"].map((zone) => `azure-native:network:NatGateway net-nat-${zone} < net`),
    "azure-native:network:NetworkSecurityGroup net-nodes < net",
    ...["1", "2", "3"].map((zone) => `azure-native:network:PublicIPPrefix net-nat-${zone} < net`),
    ...subnets.map((word) => `azure-native:network:Subnet net-${word} < net`),
    "azure-native:network:VirtualNetwork net < net",
    "azure-native:resources:ResourceGroup net < net",
    "kvm-fabric:index:AzureNetwork net < stack",
  ];
  expect(tree(await run(everything))).toEqual(expected);
  expect(tree(await run(everything, { preview: true }))).toEqual(expected);
});

test.each([
  [NatMode.Single, ["net-nat"]],
  [NatMode.None, []],
])("NAT mode %s", async (natMode, gateways) => {
  const deployment = await run({ natMode, resourceGroupName: "mine" });
  const found = deployment.resources.filter(({ type }) => type.endsWith(":NatGateway"));
  expect(found.map(({ name }) => name)).toEqual(gateways);
  expect(tree(deployment).some((line) => line.includes("ResourceGroup"))).toBe(false);
  const { natGateway, ...subnet } = find(deployment, SUBNET, "net-nodes").inputs;
  expect(natGateway).toEqual(gateways.length === 0 ? undefined : { id: "net-nat-id" });
  expect(subnet).toMatchObject({
    resourceGroupName: "mine",
    addressPrefix: "10.0.0.0/19",
    defaultOutboundAccess: false,
    networkSecurityGroup: { id: "net-nodes-id" },
  });
});

test("leads each zone's subnet out by its own gateway, and delegates the API server's", async () => {
  const deployment = await run(everything);
  expect(find(deployment, SUBNET, "net-nodes-2").inputs.natGateway).toEqual({
    id: "net-nat-2-id",
  });
  expect(find(deployment, SUBNET, "net-nodes").inputs.natGateway).toEqual({
    id: "net-nat-1-id",
  });
  const gateway = find(deployment, "azure-native:network:NatGateway", "net-nat-2").inputs;
  expect(gateway).toMatchObject({ zones: ["2"], publicIpPrefixes: [{ id: "net-nat-2-id" }] });
  const api = find(deployment, SUBNET, "net-api").inputs;
  expect(api.natGateway).toBeUndefined();
  expect(api.delegations).toEqual([
    { name: "aks-api-server", serviceName: "Microsoft.ContainerService/managedClusters" },
  ]);
});

test("changes the network one subnet at a time", async () => {
  const deployment = await run(everything);
  const order = ["net-nodes", "net-nodes-1", "net-nodes-2", "net-nodes-3", "net-api"];
  for (const [index, name] of order.slice(1).entries()) {
    expect(find(deployment, SUBNET, name).dependsOn).toContain(order[index]);
  }
});

test("opens nothing but what was asked for", async () => {
  expect(find(await run({}), GROUP, "net-nodes").inputs.securityRules).toEqual([]);
  const [rule, ...rest] = find(await run(everything), GROUP, "net-nodes").inputs.securityRules;
  expect(rest).toEqual([]);
  expect(rule).toMatchObject({
    access: "Allow",
    destinationPortRanges: ["443"],
    direction: "Inbound",
    sourceAddressPrefix: "Internet",
  });
});

test("writes flow logs under the region's watcher, for as long as it says", async () => {
  const log = find(await run(everything), "azure-native:network:FlowLog", "net-flow-log");
  expect(log.inputs).toMatchObject({
    networkWatcherName: "NetworkWatcher_westeurope",
    resourceGroupName: "NetworkWatcherRG",
    retentionPolicy: { days: 90, enabled: true },
    storageId: "/storage",
    targetResourceId: "net-id",
  });
});

test("registers all that it shows", async () => {
  const deployment = await run(everything);
  expect(deployment.outputs.get("net")).toEqual({
    apiServerSubnetId: "net-api-id",
    location: "westeurope",
    natPublicCidrs: ["203.0.113.0/31", "203.0.113.0/31", "203.0.113.0/31"],
    nodeSubnetId: "net-nodes-id",
    resourceGroupName: "net",
    spareCidr: "10.0.224.0/19",
    vnetCidr: "10.0.0.0/16",
    vnetId: "net-id",
    zoneSubnetIds: { "1": "net-nodes-1-id", "2": "net-nodes-2-id", "3": "net-nodes-3-id" },
  });
});
