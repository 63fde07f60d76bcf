import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink";
import * as pulumi from "@pulumi/pulumi";
import type { AzureStorePlan } from "./azure-plan";
import { partOf } from "./azure-vault";

/** What a private endpoint leads to. */
export interface EndpointTarget {
  id: pulumi.Output<string>;
  /** What Azure calls the part of it that is called. */
  groupId: string;
  port: number;
  /** Name of the private DNS zone that its public name leads into. */
  zoneName: string;
  /** What of it must be there before the endpoint. */
  before: pulumi.Resource[];
}

/** How clients in the network reach a store. */
export interface AzureEndpoint {
  privateDnsZoneId: pulumi.Output<string>;
  ready: pulumi.Resource[];
}

/**
 * Gives a store an address in the network by a private endpoint, and its name there. Not by a subnet of the store's own
 * (delegation): Postgres could never leave it again, and no other store of Azure could use it.
 */
export function createAzureEndpoint(
  plan: AzureStorePlan,
  target: EndpointTarget,
  options: pulumi.CustomResourceOptions,
): AzureEndpoint {
  const { instanceName, name, network, resourceGroupName, tags } = plan;
  const subnetId = plan.subnetId ?? createSubnet(plan, target.port, options).id;
  const { privateDnsZoneId, links } = createZone(plan, target.zoneName, options);
  const endpoint = new PrivateEndpoint(
    `${name}-endpoint`,
    {
      privateEndpointName: `${instanceName}-endpoint`,
      resourceGroupName,
      location: network.location,
      privateLinkServiceConnections: [
        { name: instanceName, groupIds: [target.groupId], privateLinkServiceId: target.id },
      ],
      subnet: { id: subnetId },
      tags,
    },
    { ...options, dependsOn: target.before },
  );
  const group = new PrivateDnsZoneGroup(
    `${name}-endpoint`,
    {
      privateDnsZoneGroupName: "default",
      privateEndpointName: endpoint.name,
      resourceGroupName,
      privateDnsZoneConfigs: [{ name: "store", privateDnsZoneId }],
    },
    { ...options, dependsOn: links },
  );
  return { privateDnsZoneId, ready: [group] };
}

/** Creates the subnet, whose rules hold for private endpoints too. */
function createSubnet(
  plan: AzureStorePlan,
  port: number,
  options: pulumi.CustomResourceOptions,
): Subnet {
  const { instanceName, name, network, resourceGroupName, subnetCidr, tags } = plan;
  const group = new NetworkSecurityGroup(
    `${name}-clients`,
    {
      networkSecurityGroupName: `${instanceName}-clients`,
      resourceGroupName,
      location: network.location,
      securityRules: clientRules(plan, port),
      tags,
    },
    options,
  );
  return new Subnet(
    `${name}-subnet`,
    {
      resourceGroupName: network.resourceGroupName,
      virtualNetworkName: pulumi
        .output(network.vnetId)
        .apply((id) => partOf(id, "virtualNetworks")),
      subnetName: instanceName,
      ...(subnetCidr !== undefined && { addressPrefix: subnetCidr }),
      defaultOutboundAccess: false,
      networkSecurityGroup: { id: group.id },
      privateEndpointNetworkPolicies: "Enabled",
    },
    options,
  );
}

/** What is not allowed is denied: Azure's own last rules let the whole network in. */
function clientRules({ allowedCidrs }: AzureStorePlan, port: number) {
  const rule = { destinationAddressPrefix: "*", direction: "Inbound", sourcePortRange: "*" };
  return [
    {
      ...rule,
      name: "clients",
      access: "Allow",
      destinationPortRange: String(port),
      priority: 1000,
      protocol: "Tcp",
      sourceAddressPrefixes: allowedCidrs,
    },
    {
      ...rule,
      name: "others",
      access: "Deny",
      destinationPortRange: "*",
      priority: 4096,
      protocol: "*",
      sourceAddressPrefix: "*",
    },
  ];
}

function createZone(
  { instanceName, name, network, privateDnsZoneId, resourceGroupName, tags }: AzureStorePlan,
  zoneName: string,
  options: pulumi.CustomResourceOptions,
): { privateDnsZoneId: pulumi.Output<string>; links: pulumi.Resource[] } {
  if (privateDnsZoneId !== undefined) {
    return { privateDnsZoneId: pulumi.output(privateDnsZoneId), links: [] };
  }
  const place = { resourceGroupName, location: "global", tags };
  const zone = new PrivateZone(`${name}-zone`, { ...place, privateZoneName: zoneName }, options);
  const link = new VirtualNetworkLink(
    `${name}-zone`,
    {
      ...place,
      privateZoneName: zone.name,
      registrationEnabled: false,
      virtualNetwork: { id: network.vnetId },
      virtualNetworkLinkName: instanceName,
    },
    options,
  );
  return { privateDnsZoneId: zone.id, links: [link] };
}
