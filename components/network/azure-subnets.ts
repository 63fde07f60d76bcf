import { NatGateway } from "@pulumi/azure-native/network/natGateway";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { PublicIPPrefix } from "@pulumi/azure-native/network/publicIPPrefix";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import type { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import type * as pulumi from "@pulumi/pulumi";
import type { AzureNetworkPlan, AzureSubnetPlan } from "./azure-plan";

/** Where the resources of a network are. */
export interface Place {
  location: pulumi.Input<string> | undefined;
  resourceGroupName: pulumi.Input<string>;
}

/** A NAT gateway with its range of public addresses. */
export interface AzureGateway {
  zone: string | undefined;
  gateway: NatGateway;
  prefix: PublicIPPrefix;
}

/** Two addresses a gateway: 129,024 connections to one and the same target. */
const PUBLIC_PREFIX_LENGTH = 31;

/** Creates NAT gateways, each with a range of public addresses that stays. */
export function createGateways(
  parent: pulumi.Resource,
  { name, gateways, nameOf, tags }: AzureNetworkPlan,
  place: Place,
): AzureGateway[] {
  return gateways.map(({ word, zone }) => {
    const own = `${name}-${word}`;
    const zones = zone === undefined ? {} : { zones: [zone] };
    const settings = { ...place, ...zones, sku: { name: "Standard" }, tags };
    const prefix = new PublicIPPrefix(
      own,
      {
        ...settings,
        publicIpPrefixName: nameOf(word),
        prefixLength: PUBLIC_PREFIX_LENGTH,
        publicIPAddressVersion: "IPv4",
      },
      { parent },
    );
    const gateway = new NatGateway(
      own,
      {
        ...settings,
        natGatewayName: nameOf(word),
        idleTimeoutInMinutes: 4,
        publicIpPrefixes: [{ id: prefix.id }],
      },
      { parent },
    );
    return { zone, gateway, prefix };
  });
}

/** Creates the rules of all subnets: by Azure's own defaults nothing comes in from outside but what is opened here. */
export function createSecurityGroup(
  parent: pulumi.Resource,
  { name, nameOf, publicPorts, tags }: AzureNetworkPlan,
  place: Place,
): NetworkSecurityGroup {
  const open = {
    name: "public-ports",
    priority: 1000,
    direction: "Inbound",
    access: "Allow",
    protocol: "Tcp",
    sourceAddressPrefix: "Internet",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRanges: publicPorts.map(String),
  };
  return new NetworkSecurityGroup(
    `${name}-nodes`,
    {
      ...place,
      networkSecurityGroupName: nameOf("nodes"),
      securityRules: publicPorts.length === 0 ? [] : [open],
      tags,
    },
    { parent },
  );
}

/** Creates the subnets one after the other: Azure refuses to change a network twice at a time. */
export function createSubnets(
  parent: pulumi.Resource,
  plan: AzureNetworkPlan,
  { resourceGroupName }: Place,
  network: VirtualNetwork,
  group: NetworkSecurityGroup,
  gateways: readonly AzureGateway[],
): Map<AzureSubnetPlan, Subnet> {
  const subnets = new Map<AzureSubnetPlan, Subnet>();
  for (const planned of plan.subnets) {
    const { cidr, isDelegated, word, zone } = planned;
    const way = gateways.find((gateway) => gateway.zone === zone) ?? gateways[0];
    const subnet = new Subnet(
      `${plan.name}-${word}`,
      {
        resourceGroupName,
        virtualNetworkName: network.name,
        subnetName: plan.nameOf(word),
        addressPrefix: cidr,
        // Without it, Azure lends every machine a public address that nobody sees.
        defaultOutboundAccess: false,
        networkSecurityGroup: { id: group.id },
        ...(way !== undefined && !isDelegated && { natGateway: { id: way.gateway.id } }),
        ...(isDelegated && { delegations: [API_SERVER_DELEGATION] }),
      },
      { parent, dependsOn: [...subnets.values()].slice(-1) },
    );
    subnets.set(planned, subnet);
  }
  return subnets;
}

/** https://learn.microsoft.com/en-us/azure/aks/api-server-vnet-integration */
const API_SERVER_DELEGATION = {
  name: "aks-api-server",
  serviceName: "Microsoft.ContainerService/managedClusters",
};
