import type { Input } from "@pulumi/pulumi";
import type { NatMode } from "./nat-mode";

/** Records of what was sent from where to where, in a storage account. */
export interface AzureFlowLogs {
  /** Id of a storage account in the network's region. Azure writes flow logs nowhere else. */
  storageAccountId: Input<string>;
  /** Name of the region's network watcher. Defaults to Azure's own, `NetworkWatcher_LOCATION`. */
  networkWatcherName?: Input<string>;
  /** Resource group of the network watcher. Defaults to Azure's own, "NetworkWatcherRG". */
  networkWatcherResourceGroupName?: Input<string>;
  /** Days that records are kept, 1 to 365. Defaults to 90. */
  retentionDays?: number;
}

/** Arguments of {@link AzureNetwork}. */
export interface AzureNetworkArgs {
  /** Makes a subnet that is delegated to the API server, for a cluster with API server VNet integration. Defaults to false. */
  apiServerSubnet?: boolean;
  /** Range of the network, /8 to /22. Defaults to "10.0.0.0/16". */
  cidr?: string;
  /** Flow logs. Defaults to none: Azure needs a storage account for them. */
  flowLogs?: AzureFlowLogs;
  /** Region, as in `westeurope`. Defaults to the provider's, or to that of the resource group. */
  location?: Input<string>;
  /** How nodes reach the internet. Defaults to `NatMode.Single`. */
  natMode?: NatMode;
  /**
   * TCP ports on which the internet reaches load balancers' Services, as in 443. Azure checks them at the subnets too.
   * Defaults to none.
   */
  publicPorts?: number[];
  /** Ranges that the network stays clear of. Defaults to AzureCluster's: 10.244.0.0/16 for pods and 172.16.0.0/16 for Services. */
  reservedCidrs?: string[];
  /** Resource group that everything goes into. Defaults to a new one that is named as the component. */
  resourceGroupName?: Input<string>;
  /** Tags of everything. Defaults to none. */
  tags?: Record<string, string>;
  /** Zones of the gateways with `NatMode.PerZone`: 2 or 3. Add further ones at the end. Defaults to 1, 2 and 3. */
  zones?: string[];
}
