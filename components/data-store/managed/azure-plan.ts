import type { Input } from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../network/network-ref";
import { parseNetwork, sizeOf } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { patternFaults } from "../../shared/patterns";
import type { ManagedStoreArgs } from "./args";
import type { AzureStorePlace } from "./azure-args";
import { clientFaults } from "./faults";

/** What the parts of a store on Azure have in common. */
export interface AzureStorePlan {
  /** The component's logical name. */
  name: string;
  /** Name in the cloud, and beginning of others there. */
  instanceName: string;
  allowedCidrs: string[];
  deletionProtection: boolean;
  encryptionKey: Input<string> | undefined;
  keyVaultId: Input<string> | undefined;
  network: AzureNetworkRef;
  privateDnsZoneId: Input<string> | undefined;
  resourceGroupName: Input<string>;
  subnetCidr: string | undefined;
  subnetId: Input<string> | undefined;
  tags: Record<string, string>;
  workspaceId: Input<string> | undefined;
}

/** Fills in what every store on Azure has. */
export function azureStorePlan(
  name: string,
  args: AzureStorePlace & ManagedStoreArgs,
): AzureStorePlan {
  return {
    name,
    instanceName: args.instanceName ?? name,
    allowedCidrs: args.allowedCidrs ?? [],
    deletionProtection: args.deletionProtection ?? true,
    encryptionKey: args.encryptionKey,
    keyVaultId: args.keyVaultId,
    network: args.network,
    privateDnsZoneId: args.privateDnsZoneId,
    resourceGroupName: args.resourceGroupName ?? args.network.resourceGroupName,
    subnetCidr: args.subnetCidr,
    subnetId: args.subnetId,
    tags: args.tags ?? {},
    workspaceId: args.workspaceId,
  };
}

/** Finds what is wrong with the arguments that every store on Azure has. */
export function azureStoreFaults(args: AzureStorePlace & ManagedStoreArgs): Fault[] {
  const zone = "/providers/Microsoft.Network/privateDnsZones/";
  const subnet = "/providers/Microsoft.Network/virtualNetworks/NAME/subnets/";
  return [
    ...subnetFaults(args),
    ...keyFaults(args),
    ...idFaults("privateDnsZoneId", args.privateDnsZoneId, zone),
    ...idFaults("subnetId", args.subnetId, subnet),
    ...idFaults(
      "workspaceId",
      args.workspaceId,
      "/providers/Microsoft.OperationalInsights/workspaces/",
    ),
    ...Object.entries(args.tags ?? {}).flatMap(([key, got]) => tagFaults(key, got)),
  ];
}

/** Azure keeps five addresses of each subnet. */
const LEAST_ADDRESSES = 8;

function subnetFaults(args: AzureStorePlace & ManagedStoreArgs): Fault[] {
  const { allowedCidrs = [], subnetCidr, subnetId } = args;
  if ((subnetCidr === undefined) === (subnetId === undefined)) {
    const problem =
      subnetId === undefined ? "missing: the store needs a place" : "given beside subnetId";
    return [{ path: "subnetCidr", problem, allowed: "either subnetCidr or subnetId" }];
  }
  if (subnetCidr === undefined) {
    if (allowedCidrs.length === 0) return [];
    const problem = "the subnet is another's, and so are the rules of who reaches it";
    return [{ path: "allowedCidrs", problem, fix: "subnetCidr instead of subnetId" }];
  }
  const range = parseNetwork(subnetCidr);
  if (range !== undefined && sizeOf(range) >= LEAST_ADDRESSES) return clientFaults(args);
  const problem = range === undefined ? "not a range" : "too small: Azure keeps five addresses";
  const fault = { path: "subnetCidr", problem, got: subnetCidr, allowed: "as in 10.0.240.0/28" };
  return [fault, ...clientFaults(args)];
}

function keyFaults({ encryptionKey, keyVaultId }: AzureStorePlace): Fault[] {
  const alone = encryptionKey !== undefined && keyVaultId === undefined;
  return [
    ...(alone
      ? [
          {
            path: "keyVaultId",
            problem: "missing beside encryptionKey",
            fix: "the id of its vault",
          },
        ]
      : []),
    ...patternFaults(
      "encryptionKey",
      encryptionKey,
      /^https:\/\/[a-z0-9-]+\.vault\.[a-z.]+\/keys\/[A-Za-z0-9-]+\/[0-9a-f]{32}$/,
      "not the URI of a version of a key",
      "https://VAULT.vault.azure.net/keys/KEY/VERSION",
    ),
    ...idFaults("keyVaultId", keyVaultId, "/providers/Microsoft.KeyVault/vaults/"),
  ];
}

function idFaults(path: string, got: unknown, part: string): Fault[] {
  const kind = part.replace("NAME", "[^/]+");
  const pattern = new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+${kind}[^/]+$`, "i");
  const allowed = `/subscriptions/ID/resourceGroups/GROUP${part}NAME`;
  return patternFaults(path, got, pattern, "not an id of the right kind", allowed);
}

/** Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources */
function tagFaults(key: string, got: string): Fault[] {
  if (/^[^<>%&\\?/]{1,512}$/.test(key) && got.length <= 256) return [];
  const allowed = "keys of 1 to 512 without <>%&\\?/, values of at most 256 characters";
  return [{ path: `tags.${key}`, problem: "not a tag of Azure", got, allowed }];
}
