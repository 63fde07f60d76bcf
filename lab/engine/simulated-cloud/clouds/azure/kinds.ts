import type { CloudKind, Scene } from "../cloud-kind";
import { textAt, valueAt } from "../paths";
import type { WorldObject } from "../world";
import { holders, inUseText } from "../references";
import { azureContainers } from "./containers";
import { azureDataStores } from "./data-stores";
import { azureReferences } from "./references";
import { azureServerless } from "./serverless";

/** A kind whose id is a path in a resource group; names in braces are inputs, the last one its name. */
export function inGroup(
  path: string,
  outputs: CloudKind["outputs"] = {},
  more: Partial<CloudKind> = {},
): CloudKind {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const own = names.at(-1) ?? "";
  return {
    id: `/subscriptions/{subscription}/resourceGroups/{resourceGroupName}/providers/${path}`,
    // The name of what lies in another resource is the program's alone.
    autoname: own,
    outputs: {
      id: "{id}",
      name: `{${own}}`,
      type: () => path.replace(/\/\{\w+\}/g, ""),
      etag: 'W/"{uuid}"',
      azureApiVersion: () => "2025-09-01",
      provisioningState: () => "Succeeded",
      ...outputs,
    },
    refuses: (scene, object, step) => (step === "delete" ? locked(scene, object) : undefined),
    ...more,
  };
}

/** The error of Azure where a lock covers the object. */
export function locked({ world }: Scene, { id }: WorldObject): string | undefined {
  const lock = world
    .all("azure-native:authorization:ManagementLockByScope")
    .find(({ inputs }) => id.startsWith(textAt(inputs, "scope")));
  if (!lock) return undefined;
  return `Code="ScopeLocked" Message="The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${textAt(lock.inputs, "scope")}'."`;
}

// A group goes with all that is in it, or not at all.
// https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
function lockedWithin({ world }: Scene, { id }: WorldObject): string | undefined {
  const lock = world
    .all("azure-native:authorization:ManagementLockByScope")
    .find(({ inputs }) => textAt(inputs, "scope").startsWith(`${id}/`));
  if (!lock) return undefined;
  return `Code="ScopeLocked" Message="The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${textAt(lock.inputs, "scope")}'."`;
}

// What lies below a resource goes with it: all of a group, the subnets of a network.
function takeAlong({ world }: Scene, { id }: WorldObject): Promise<void> {
  for (const object of world.all()) if (object.id.startsWith(`${id}/`)) world.remove(object);
  return Promise.resolve();
}

function subnetInUse({ world }: Scene, { id }: WorldObject): string | undefined {
  for (const subnet of world.all("azure-native:network:Subnet")) {
    const held = subnet.id.startsWith(`${id}/`) ? holders(azureReferences, world, subnet) : [];
    if (held.length > 0) return inUseText(azureReferences, subnet, held);
  }
  return undefined;
}

// Soft delete cannot be switched off; the name is unique over all of Azure.
// https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
const softDeletedVault: CloudKind["nameStays"] = {
  by: "vaultName",
  seconds: (inputs) =>
    86_400 * Number(valueAt(inputs, "properties.softDeleteRetentionInDays") ?? 90),
  refusal:
    'Code="ConflictError" Message="A vault with the same name already exists in deleted state. You need to either ' +
    'recover or purge existing key vault."',
};

// What a vault is once told it stays. The words are those that hashicorp/terraform-provider-azurerm quotes beside its
// update of a vault; the rule is in MicrosoftDocs/azure-docs#110047.
function retentionFault({ world }: Scene, { id, inputs, scope, type }: WorldObject) {
  const property = "softDeleteRetentionInDays";
  const before = valueAt(world.find(type, scope, id)?.inputs, `properties.${property}`);
  const after = valueAt(inputs, `properties.${property}`);
  if (before === undefined || after === undefined || before === after) return undefined;
  return `Code="BadRequest" Message="The property \"${property}\" has been set already and it can't be modified."`;
}

// Left out is allowed, false never is: Azure/azure-rest-api-specs#18106.
function purgeFault({ inputs }: WorldObject) {
  if (valueAt(inputs, "properties.enablePurgeProtection") !== false) return undefined;
  return (
    'Code="BadRequest" Message="The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge ' +
    'protection for a vault is an irreversible action."'
  );
}

const network = (path: string, outputs: CloudKind["outputs"] = {}) =>
  inGroup(`Microsoft.Network/${path}`, { resourceGuid: "{uuid}", ...outputs });

/** The kinds of Azure by their places in the resource tree. */
export const azureKinds: Readonly<Record<string, CloudKind>> = {
  ...azureContainers(inGroup, locked),
  ...azureDataStores(inGroup, locked),
  ...azureServerless(inGroup),
  "azure-native:resources:ResourceGroup": {
    ...inGroup("{resourceGroupName}", { type: () => "Microsoft.Resources/resourceGroups" }),
    id: "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}",
    refuses: (scene, object, step) =>
      step === "delete" ? (locked(scene, object) ?? lockedWithin(scene, object)) : undefined,
    removed: takeAlong,
  },
  "azure-native:network:VirtualNetwork": {
    ...network("virtualNetworks/{virtualNetworkName}"),
    refuses: (scene, object, step) =>
      step === "delete" ? (locked(scene, object) ?? subnetInUse(scene, object)) : undefined,
    removed: takeAlong,
  },
  "azure-native:network:Subnet": network(
    "virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
  ),
  "azure-native:network:NatGateway": network("natGateways/{natGatewayName}"),
  "azure-native:network:PublicIPAddress": network("publicIPAddresses/{publicIpAddressName}", {
    ipAddress: "20.{digits:2}.{digits:1}.{digits:2}",
  }),
  "azure-native:network:NetworkSecurityGroup": network(
    "networkSecurityGroups/{networkSecurityGroupName}",
  ),
  "azure-native:network:RouteTable": network("routeTables/{routeTableName}"),
  "azure-native:network:PrivateEndpoint": network("privateEndpoints/{privateEndpointName}"),
  "azure-native:network:FlowLog": network(
    "networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}",
  ),
  "azure-native:privatedns:PrivateZone": network("privateDnsZones/{privateZoneName}"),
  "azure-native:privatedns:VirtualNetworkLink": network(
    "privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}",
  ),
  "azure-native:managedidentity:UserAssignedIdentity": inGroup(
    "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
    { clientId: "{uuid}", principalId: "{uuid}", tenantId: "{tenant}" },
  ),
  "azure-native:managedidentity:FederatedIdentityCredential": inGroup(
    "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
  ),
  "azure-native:operationalinsights:Workspace": {
    ...inGroup("Microsoft.OperationalInsights/workspaces/{workspaceName}", {
      customerId: "{uuid}",
    }),
    // https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
    nameStays: { days: 14, note: "its workspace comes back with what it held" },
  },
  "azure-native:keyvault:Vault": {
    ...inGroup("Microsoft.KeyVault/vaults/{vaultName}", {
      "properties.vaultUri": "https://{vaultName}.vault.azure.net/",
    }),
    nameStays: softDeletedVault,
    refuses: (scene, object, step) => {
      if (step === "delete") return locked(scene, object);
      return purgeFault(object) ?? retentionFault(scene, object);
    },
  },
  "azure-native:keyvault:Key": inGroup("Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}", {
    keyUri: "https://{vaultName}.vault.azure.net/keys/{keyName}",
    keyUriWithVersion: "https://{vaultName}.vault.azure.net/keys/{keyName}/{hex:32}",
  }),
  "azure-native:compute:DiskEncryptionSet": inGroup(
    "Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}",
  ),
  "azure-native:authorization:RoleAssignment": {
    ...inGroup("Microsoft.Authorization/roleAssignments/{roleAssignmentName}"),
    id: "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
  },
  "azure-native:authorization:ManagementLockByScope": {
    ...inGroup("Microsoft.Authorization/locks/{lockName}", {}, { refuses: () => undefined }),
    id: "{scope}/providers/Microsoft.Authorization/locks/{lockName}",
  },
  "azure-native:monitor:DiagnosticSetting": {
    ...inGroup("Microsoft.Insights/diagnosticSettings/{name}"),
    id: "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
  },
  "azure-native:containerservice:MaintenanceConfiguration": inGroup(
    "Microsoft.ContainerService/managedClusters/{resourceName}/maintenanceConfigurations/{configName}",
  ),
};

/** How a kind of Azure behaves that no table describes: its name is the first optional one of its own. */
export function otherAzureKind(type: string): CloudKind {
  const [, module = "", own = ""] = type.split(":");
  const lower = `${own.charAt(0).toLowerCase()}${own.slice(1)}`;
  return inGroup(`Microsoft.${module}/${lower}s/{${lower}Name}`);
}
