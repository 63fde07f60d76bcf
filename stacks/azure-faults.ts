import { planAzureCluster } from "../components/cluster/azure/plan";
import { planAzurePool } from "../components/kvm-node-pool/azure-plan";
import { planAzureNetwork } from "../components/network/azure-plan";
import type { AzureNetworkRef } from "../components/network/network-ref";
import type { Fault } from "../components/shared/faults";
import {
  azureClusterArgs,
  type AzureFabricConfig,
  azureNetworkArgs,
  azurePoolArgs,
} from "./azure-arguments";
import type { AzureConfig } from "./azure-schema";
import { azureServiceFaults } from "./azure-service-faults";
import { cloudNames } from "./cloud-names";
import { networkFaults } from "./network-choice";
import { distinctFaults, partFaults } from "./part-faults";
import { findings, forEachOf } from "./unreadable";

/** What the planners of the parts below the fabric find wrong with a configuration for Azure. */
export function azureFaults(root: string, config: AzureFabricConfig, today: Date): Fault[] {
  const names = cloudNames(config);
  const { azure } = config;
  const passedOn = { tags: `${root}.tags` };
  const faults = findings(
    ...placeFaults(root, azure),
    () => {
      const plan = (own: NonNullable<AzureConfig["network"]>) =>
        planAzureNetwork(names.network, azureNetworkArgs(config, own));
      return networkFaults(`${root}.network`, azure, plan, passedOn);
    },
    () => {
      const args = azureClusterArgs(config, networkOf(azure));
      return partFaults(`${root}.cluster`, planAzureCluster(names.cluster, args, today), passedOn);
    },
    ...forEachOf(
      () => azure.pools,
      (name, pool) => {
        const args = azurePoolArgs(config, pool, placeholders.cluster, placeholders.subnetId);
        return partFaults(`${root}.pools.${name}`, planAzurePool(names.pool(name), args), passedOn);
      },
    ),
    () => azureServiceFaults(root, config, networkOf(azure), today),
  );
  return distinctFaults(faults);
}

/** The taint that AKS puts on spot nodes by itself. Source: https://learn.microsoft.com/azure/aks/spot-node-pool */
const SPOT_TAINT = "kubernetes.azure.com/scalesetpriority";

/** Spot nodes that no provisioner reaches would be paid for, and never run a worker. `root` is the stack's own. */
export function spotFaults(root: string, { azure, provisioner }: AzureFabricConfig): Fault[] {
  const spot = Object.entries(azure.pools ?? {}).find(([, pool]) => pool.spot !== undefined);
  const { tolerations = [] } = provisioner;
  const tolerated = tolerations.some(({ key }) => (key ?? SPOT_TAINT) === SPOT_TAINT);
  if (spot === undefined || tolerated) return [];
  return [
    {
      path: `${root}.provisioner.tolerations`,
      problem: `nothing that tolerates the taint of AKS's spot nodes, which pool ${spot[0]} has`,
      allowed: `a toleration of ${SPOT_TAINT}`,
      fix: `{ key: ${SPOT_TAINT}, operator: Exists, effect: NoSchedule }, here and in workers'`,
    },
  ];
}

/** Where everything is: nodes stand in the region of their network. */
function placeFaults(root: string, azure: AzureConfig): (() => Fault[])[] {
  return [
    () => textFaults(`${root}.location`, azure.location, /^[a-z][a-z0-9]+$/, "as in westeurope"),
    () =>
      textFaults(
        `${root}.existingNetwork.location`,
        azure.existingNetwork?.location,
        new RegExp(`^${azure.location.replaceAll(/[^a-z0-9]/g, ".")}$`),
        `${azure.location}: nodes stand in their network's region`,
      ),
    () =>
      textFaults(
        `${root}.resourceGroupName`,
        azure.resourceGroupName,
        /^[-\w.()]{0,89}[-\w()]$/,
        "letters, digits, -, _, . and brackets, last no dot, at most 90 characters",
      ),
    () =>
      textFaults(
        `${root}.subscriptionId`,
        azure.subscriptionId,
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        "a GUID, as `az account show` prints it as id",
      ),
  ];
}

function textFaults(path: string, got: unknown, pattern: RegExp, allowed: string): Fault[] {
  if (typeof got !== "string" || pattern.test(got)) return [];
  return [{ path, problem: "cannot be used here", got, allowed }];
}

/** The network as far as it is known before it is made. */
function networkOf({ existingNetwork, location, network }: AzureConfig): AzureNetworkRef {
  const { vnetCidr, ...ids } = placeholders.network;
  return existingNetwork ?? { ...ids, location, vnetCidr: network?.cidr ?? vnetCidr };
}

// What only exists once the cloud does; told apart from nothing by the planners alone.
const group = "/subscriptions/placeholder/resourceGroups/placeholder/providers";
const vnetId = `${group}/Microsoft.Network/virtualNetworks/placeholder`;
const placeholders = Object.freeze({
  cluster: {
    certificateAuthorityData: "",
    endpoint: "https://cluster.invalid",
    kubernetesVersion: "1.36.2",
    name: "placeholder",
    resourceGroupName: "placeholder",
  },
  network: {
    nodeSubnetId: `${vnetId}/subnets/nodes`,
    resourceGroupName: "placeholder",
    vnetCidr: "10.0.0.0/16",
    vnetId,
  },
  subnetId: `${vnetId}/subnets/nodes`,
});
