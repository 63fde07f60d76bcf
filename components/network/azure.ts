import { FlowLog } from "@pulumi/azure-native/network/flowLog";
import type { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../shared/require-plan";
import type { AzureNetworkArgs } from "./azure-args";
import { type AzureNetworkPlan, type AzureSubnetPlan, planAzureNetwork } from "./azure-plan";
import { createGateways, createSecurityGroup, createSubnets, type Place } from "./azure-subnets";

/**
 * A virtual network for an AKS cluster: one subnet for nodes of all zones and, with a NAT gateway a zone, one for the
 * nodes of each zone.
 *
 * Creates, under its logical name `NAME`: unless one is given, the resource group `NAME`; the network `NAME`; the
 * security group `NAME-nodes`; for each NAT gateway `NAME-nat` or `NAME-nat-Z` with its range of public addresses; the
 * subnets `NAME-nodes`, `NAME-nodes-Z` for each zone Z with `NatMode.PerZone`, and `NAME-api` with `apiServerSubnet`; and
 * `NAME-flow-log` where a storage account is given.
 *
 * It costs each NAT gateway by the hour and by traffic, two public addresses a gateway, and flow logs by volume.
 *
 * ```typescript
 * const network = new AzureNetwork("fabric", { resourceGroupName: "fabric" });
 * const cluster = new AzureCluster("fabric", { network, ... });
 * ```
 *
 * The component itself is an `AzureNetworkRef`. A subnet of Azure has one NAT gateway and spans zones: with
 * `NatMode.PerZone` a pool of one zone belongs in `zoneSubnetIds`, and `nodeSubnetId` leaves by the first zone's gateway.
 * Azure's own rules at the subnets let nothing in from outside: open the ports of public Services with `publicPorts`.
 * Not for IPv6, nor for a hub whose firewall all traffic has to leave by.
 */
export class AzureNetwork extends pulumi.ComponentResource {
  /** Id of the subnet of the API server; undefined without `apiServerSubnet`. */
  public readonly apiServerSubnetId?: pulumi.Output<string>;
  /** Region of the network. */
  public readonly location: pulumi.Output<string>;
  /** Ranges of public addresses that nodes reach the internet from, for allow-lists elsewhere. */
  public readonly natPublicCidrs: pulumi.Output<string[]>;
  /** Id of the subnet for nodes of all zones. */
  public readonly nodeSubnetId: pulumi.Output<string>;
  /** Resource group of the network. */
  public readonly resourceGroupName: pulumi.Output<string>;
  /** Range within the network that the component never uses. */
  public readonly spareCidr: pulumi.Output<string>;
  /** Range of the network. */
  public readonly vnetCidr: pulumi.Output<string>;
  /** Id of the network. */
  public readonly vnetId: pulumi.Output<string>;
  /** Ids of the subnets for nodes of one zone, by zone; empty but with `NatMode.PerZone`. */
  public readonly zoneSubnetIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AzureNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AzureNetwork", name, args, opts);
    const plan = requirePlan("AzureNetwork", name, planAzureNetwork(name, args));

    const place = createPlace(this, plan);
    const network = createNetwork(this, plan, place);
    const group = createSecurityGroup(this, plan, place);
    const gateways = createGateways(this, plan, place);
    const subnets = createSubnets(this, plan, place, network, group, gateways);
    createFlowLog(this, plan, network, [...subnets.values()]);

    const api = idOf(subnets, ({ isDelegated }) => isDelegated);
    if (api !== undefined) this.apiServerSubnetId = api;
    this.location = network.location.apply((location) => location ?? "");
    this.natPublicCidrs = pulumi.all(gateways.map(({ prefix }) => prefix.ipPrefix));
    this.nodeSubnetId = idOf(subnets, ({ word }) => word === "nodes") ?? pulumi.output("");
    this.resourceGroupName = pulumi.output(place.resourceGroupName);
    this.spareCidr = pulumi.output(plan.spareCidr);
    this.vnetCidr = pulumi.output(plan.cidr);
    this.vnetId = network.id;
    this.zoneSubnetIds = zoneSubnetIds(subnets);
    this.registerOutputs({
      apiServerSubnetId: this.apiServerSubnetId,
      location: this.location,
      natPublicCidrs: this.natPublicCidrs,
      nodeSubnetId: this.nodeSubnetId,
      resourceGroupName: this.resourceGroupName,
      spareCidr: this.spareCidr,
      vnetCidr: this.vnetCidr,
      vnetId: this.vnetId,
      zoneSubnetIds: this.zoneSubnetIds,
    });
  }
}

function createPlace(parent: AzureNetwork, plan: AzureNetworkPlan): Place {
  const { name, location, resourceGroupName, tags } = plan;
  if (resourceGroupName !== undefined) return { location, resourceGroupName };
  const group = new ResourceGroup(name, { resourceGroupName: name, location, tags }, { parent });
  return { location: group.location, resourceGroupName: group.name };
}

function createNetwork(
  parent: AzureNetwork,
  { name, cidr, tags }: AzureNetworkPlan,
  place: Place,
): VirtualNetwork {
  return new VirtualNetwork(
    name,
    { ...place, virtualNetworkName: name, addressSpace: { addressPrefixes: [cidr] }, tags },
    { parent },
  );
}

/** Azure keeps all flow logs of a region under its one network watcher, wherever the network is. */
function createFlowLog(
  parent: AzureNetwork,
  { name, flowLogs, nameOf, tags }: AzureNetworkPlan,
  network: VirtualNetwork,
  dependsOn: pulumi.Resource[],
): void {
  if (flowLogs === undefined) return;
  const { retentionDays, storageAccountId, watcher, watcherGroup } = flowLogs;
  new FlowLog(
    `${name}-flow-log`,
    {
      flowLogName: nameOf("flow-log"),
      enabled: true,
      format: { type: "JSON", version: 2 },
      location: network.location.apply((location) => location ?? ""),
      networkWatcherName: watcher ?? pulumi.interpolate`NetworkWatcher_${network.location}`,
      resourceGroupName: watcherGroup,
      retentionPolicy: { days: retentionDays, enabled: true },
      storageId: storageAccountId,
      tags,
      targetResourceId: network.id,
    },
    { parent, dependsOn },
  );
}

function idOf(
  subnets: ReadonlyMap<AzureSubnetPlan, Subnet>,
  wanted: (plan: AzureSubnetPlan) => boolean,
): pulumi.Output<string> | undefined {
  return [...subnets].find(([plan]) => wanted(plan))?.[1].id;
}

function zoneSubnetIds(
  subnets: ReadonlyMap<AzureSubnetPlan, Subnet>,
): pulumi.Output<Record<string, string>> {
  const ids = [...subnets].flatMap(([{ zone }, subnet]) =>
    zone === undefined ? [] : [[zone, subnet.id] as const],
  );
  return pulumi.all(Object.fromEntries(ids));
}
