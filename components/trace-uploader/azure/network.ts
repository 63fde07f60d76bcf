import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import * as pulumi from "@pulumi/pulumi";
import { parseVnetId } from "./names";
import type { AzureTraceUploaderPlan } from "./plan";

/**
 * What the function app sends to, by service tag: its archive and queue, its secret, its identity, its telemetry, and
 * where the host takes the extension for queues from.
 */
const SERVICES = [
  "Storage",
  "AzureKeyVault",
  "AzureActiveDirectory",
  "AzureMonitor",
  "AzureFrontDoor.FirstParty",
];

/** Creates the subnet of the function app, with rules that let it reach Queen and the services it needs, and no more. */
export function createSubnet(parent: pulumi.Resource, plan: AzureTraceUploaderPlan): Subnet {
  const { name, nameOf, network, subnetCidr, tags } = plan;
  const vnet = pulumi.output(network.vnetId).apply(parseVnetId);
  const group = new NetworkSecurityGroup(
    `${name}-subnet`,
    {
      location: network.location,
      networkSecurityGroupName: nameOf("subnet"),
      resourceGroupName: plan.resourceGroupName,
      securityRules: securityRules(plan),
      tags,
    },
    { parent },
  );
  return new Subnet(
    `${name}-subnet`,
    {
      addressPrefix: subnetCidr,
      defaultOutboundAccess: false,
      // https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to
      delegations: [{ name: "functions", serviceName: "Microsoft.App/environments" }],
      networkSecurityGroup: { id: group.id },
      resourceGroupName: vnet.resourceGroupName,
      serviceEndpoints: [{ service: "Microsoft.Storage" }, { service: "Microsoft.KeyVault" }],
      subnetName: nameOf("subnet"),
      virtualNetworkName: vnet.name,
    },
    { parent },
  );
}

function securityRules({ queenCidrs, queenPort }: AzureTraceUploaderPlan) {
  const tcp = { direction: "Outbound", protocol: "Tcp", sourcePortRange: "*" };
  const all = { protocol: "*", sourcePortRange: "*", destinationPortRange: "*" };
  const anywhere = { sourceAddressPrefix: "*", destinationAddressPrefix: "*" };
  return [
    {
      ...{ ...tcp, name: "to-queen", priority: 1000, access: "Allow", sourceAddressPrefix: "*" },
      destinationAddressPrefixes: queenCidrs,
      destinationPortRange: String(queenPort),
    },
    ...SERVICES.map((service, index) => ({
      ...{ ...tcp, name: `to-${service}`, priority: 1010 + index, access: "Allow" },
      ...{ sourceAddressPrefix: "*", destinationAddressPrefix: service },
      destinationPortRange: "443",
    })),
    {
      ...{ ...all, ...anywhere, name: "to-nothing", priority: 4000, access: "Deny" },
      direction: "Outbound",
    },
  ];
}
