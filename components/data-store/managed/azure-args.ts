import type { Input } from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../network/network-ref";

/** What every store that Azure runs is told of its place. */
export interface AzureStorePlace {
  /** The network that clients are in: an `AzureNetwork`, or the ids of one that is there already. */
  network: AzureNetworkRef;
  /**
   * URI of a Key Vault key, with its version, for the data: `https://VAULT.vault.azure.net/keys/KEY/VERSION`. Needs
   * `keyVaultId`. Fixed once made. Defaults to a key of the store's own.
   */
  encryptionKey?: Input<string>;
  /**
   * Id of an existing Key Vault, with Azure RBAC and purge protection, that holds `encryptionKey` and takes the password
   * too; without `encryptionKey` a key `NAME-data` is made in it. Defaults to a vault of the store's own, which only Azure's
   * own services reach: to read the password there, give the vault a private endpoint.
   */
  keyVaultId?: Input<string>;
  /**
   * Id of the private DNS zone for stores of this kind, which the network is linked to: a network has one of each kind, so
   * a second store takes the first one's `privateDnsZoneId`. Defaults to a zone that the store makes.
   */
  privateDnsZoneId?: Input<string>;
  /** Resource group of all that is made. Defaults to the network's. */
  resourceGroupName?: Input<string>;
  /**
   * Range of a subnet to be made for the store's private endpoint, at least a /29 in the network and in no other subnet.
   * Its security group lets `allowedCidrs` in. Either this or `subnetId`. Defaults to none.
   */
  subnetCidr?: string;
  /**
   * Id of a subnet that is there already, for the store's private endpoint; who reaches it is then for that subnet's
   * security group to say. Either this or `subnetCidr`. Defaults to none.
   */
  subnetId?: Input<string>;
  /** Tags of every resource that takes some. Defaults to none. */
  tags?: Record<string, string>;
  /** Id of a Log Analytics workspace for the logs. Defaults to a workspace of the store's own. */
  workspaceId?: Input<string>;
}
