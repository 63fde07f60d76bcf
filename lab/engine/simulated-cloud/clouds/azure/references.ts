import type { Reference, ReferenceTable } from "../references";

const GROUP = "azure-native:resources:ResourceGroup";
const CLUSTER = "azure-native:containerservice:ManagedCluster";
const NETWORK = "azure-native:network:VirtualNetwork";
const SUBNET = "azure-native:network:Subnet";
const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
const SAME_GROUP = ["resourceGroupName"];

/** The kinds that lie in a resource group, as far as the simulation knows them. */
const IN_GROUP = [
  NETWORK,
  SUBNET,
  CLUSTER,
  IDENTITY,
  "azure-native:containerservice:AgentPool",
  "azure-native:network:NatGateway",
  "azure-native:network:PublicIPAddress",
  "azure-native:network:NetworkSecurityGroup",
  "azure-native:network:RouteTable",
  "azure-native:network:PrivateEndpoint",
  "azure-native:privatedns:PrivateZone",
  "azure-native:privatedns:VirtualNetworkLink",
  "azure-native:keyvault:Vault",
  "azure-native:keyvault:Key",
  "azure-native:operationalinsights:Workspace",
  "azure-native:compute:DiskEncryptionSet",
  "azure-native:managedidentity:FederatedIdentityCredential",
  "azure-native:dbforpostgresql:Server",
  "azure-native:redisenterprise:RedisEnterprise",
];

const inGroups: Reference[] = IN_GROUP.map((from) => ({
  from,
  path: "resourceGroupName",
  to: GROUP,
}));

const others: Reference[] = [
  { from: SUBNET, path: "virtualNetworkName", to: NETWORK, same: SAME_GROUP },
  { from: SUBNET, path: "natGateway.id", to: "azure-native:network:NatGateway", blocks: true },
  {
    from: SUBNET,
    path: "networkSecurityGroup.id",
    to: "azure-native:network:NetworkSecurityGroup",
    blocks: true,
  },
  { from: SUBNET, path: "routeTable.id", to: "azure-native:network:RouteTable", blocks: true },
  {
    from: "azure-native:network:NatGateway",
    path: "publicIpAddresses[*].id",
    to: "azure-native:network:PublicIPAddress",
    blocks: true,
  },
  {
    from: "azure-native:network:PrivateEndpoint",
    path: "subnet.id",
    to: SUBNET,
    blocks: true,
  },
  {
    from: "azure-native:privatedns:VirtualNetworkLink",
    path: "privateZoneName",
    to: "azure-native:privatedns:PrivateZone",
    blocks: true,
    same: SAME_GROUP,
  },
  {
    from: "azure-native:privatedns:VirtualNetworkLink",
    path: "virtualNetwork.id",
    to: NETWORK,
    blocks: true,
  },
  { from: CLUSTER, path: "agentPoolProfiles[*].vnetSubnetID", to: SUBNET, blocks: true },
  { from: CLUSTER, path: "agentPoolProfiles[*].podSubnetID", to: SUBNET, blocks: true },
  { from: CLUSTER, path: "apiServerAccessProfile.subnetId", to: SUBNET, blocks: true },
  { from: CLUSTER, path: "identity.userAssignedIdentities[*]", to: IDENTITY },
  {
    from: CLUSTER,
    path: "diskEncryptionSetID",
    to: "azure-native:compute:DiskEncryptionSet",
  },
  {
    from: "azure-native:containerservice:AgentPool",
    path: "resourceName",
    to: CLUSTER,
    same: SAME_GROUP,
  },
  {
    from: "azure-native:containerservice:AgentPool",
    path: "vnetSubnetID",
    to: SUBNET,
    blocks: true,
  },
  {
    from: "azure-native:containerservice:AgentPool",
    path: "podSubnetID",
    to: SUBNET,
    blocks: true,
  },
  {
    from: "azure-native:containerservice:MaintenanceConfiguration",
    path: "resourceName",
    to: CLUSTER,
    same: SAME_GROUP,
  },
  {
    from: "azure-native:managedidentity:FederatedIdentityCredential",
    path: "resourceName",
    to: IDENTITY,
    same: SAME_GROUP,
  },
  {
    from: "azure-native:keyvault:Key",
    path: "vaultName",
    to: "azure-native:keyvault:Vault",
    same: SAME_GROUP,
  },
  {
    from: "azure-native:keyvault:Secret",
    path: "vaultName",
    to: "azure-native:keyvault:Vault",
    same: SAME_GROUP,
  },
  ...[
    ["dbforpostgresql:Configuration", "serverName", "dbforpostgresql:Server"],
    ["dbforpostgresql:Database", "serverName", "dbforpostgresql:Server"],
    ["redisenterprise:Database", "clusterName", "redisenterprise:RedisEnterprise"],
    ["network:PrivateDnsZoneGroup", "privateEndpointName", "network:PrivateEndpoint"],
  ].map(([from = "", path = "", to = ""]) => ({
    from: `azure-native:${from}`,
    path,
    to: `azure-native:${to}`,
    same: SAME_GROUP,
  })),
  {
    from: "azure-native:network:PrivateDnsZoneGroup",
    path: "privateDnsZoneConfigs[*].privateDnsZoneId",
    to: "azure-native:privatedns:PrivateZone",
    blocks: true,
  },
  {
    from: "azure-native:dbforpostgresql:Server",
    path: "dataEncryption.primaryUserAssignedIdentityId",
    to: IDENTITY,
  },
  {
    from: "azure-native:monitor:DiagnosticSetting",
    path: "workspaceId",
    to: "azure-native:operationalinsights:Workspace",
  },
];

const NETWORK_IN_USE =
  'Code="InUseSubnetCannotBeDeleted" Message="Subnet {id} is in use by {holder} and cannot be deleted."';

/** What refers to what on Azure, and the errors of the API where that is wrong. */
export const azureReferences: ReferenceTable = {
  references: [...inGroups, ...others],
  brought: [],
  given: [],
  fallback: {
    missing: 'Code="ResourceNotFound" Message="The Resource {value} ({path}) was not found."',
    inUse: 'Code="InUse" Message="{id} is in use by {holder} and cannot be deleted."',
  },
  refusals: {
    [GROUP]: {
      missing:
        'Code="ResourceGroupNotFound" Message="Resource group \'{value}\' could not be found."',
    },
    [SUBNET]: {
      missing:
        'Code="InvalidResourceReference" Message="Resource {value} referenced by {path} was not found."',
      inUse: NETWORK_IN_USE,
    },
    [NETWORK]: { inUse: NETWORK_IN_USE },
    "azure-native:network:PublicIPAddress": {
      inUse:
        'Code="PublicIPAddressCannotBeDeleted" Message="Public IP address {id} can not be deleted since it is still allocated to {holder}."',
    },
    "azure-native:network:NatGateway": {
      inUse:
        'Code="InUseNatGatewayCannotBeDeleted" Message="NatGateway {id} is in use by {holder}."',
    },
    "azure-native:network:NetworkSecurityGroup": {
      inUse:
        'Code="InUseNetworkSecurityGroupCannotBeDeleted" Message="Network security group {id} cannot be deleted because it is in use by {holder}."',
    },
    [CLUSTER]: {
      missing: 'Code="ParentResourceNotFound" Message="Managed cluster {value} was not found."',
    },
  },
};
