import type { Input } from "@pulumi/pulumi";
import { type Fault, type Planned, planned } from "../shared/faults";
import { nameFaults, objectName } from "../shared/names";
import { wholeNumberFaults } from "../shared/numbers";
import type { AzureNetworkArgs } from "./azure-args";
import { NatMode } from "./nat-mode";
import { LAYOUT_BITS, layoutSubnets, natModeFaults, natZones, zoneFaults } from "./plan";
import { rangeFaults, reservedFaults } from "./range-faults";

/** A NAT gateway of an Azure network. */
export interface AzureGatewayPlan {
  /** Word for its names. */
  word: string;
  /** Undefined for the only one, which Azure puts somewhere. */
  zone: string | undefined;
}

/** A subnet of an Azure network. */
export interface AzureSubnetPlan {
  /** Word for its names. */
  word: string;
  cidr: string;
  isDelegated: boolean;
  /** Undefined for a subnet that no zone is kept to. */
  zone: string | undefined;
}

/** Flow logs, with every default filled in. */
export interface AzureFlowLogsPlan {
  retentionDays: number;
  storageAccountId: Input<string>;
  watcher: Input<string> | undefined;
  watcherGroup: Input<string>;
}

/** An Azure network, with every default filled in. */
export interface AzureNetworkPlan {
  name: string;
  cidr: string;
  flowLogs: AzureFlowLogsPlan | undefined;
  gateways: AzureGatewayPlan[];
  location: Input<string> | undefined;
  /** Name of a cloud resource by a word, at most 63 characters. */
  nameOf: (word: string) => string;
  publicPorts: number[];
  /** Undefined where one is to be made. */
  resourceGroupName: Input<string> | undefined;
  spareCidr: string;
  /** The nodes' first, that of the API server last. */
  subnets: AzureSubnetPlan[];
  tags: Record<string, string>;
}

/** What holds where an argument is left out. */
export const azureNetworkDefaults = Object.freeze({
  cidr: "10.0.0.0/16",
  reservedCidrs: ["10.244.0.0/16", "172.16.0.0/16"],
  retentionDays: 90,
  watcherGroup: "NetworkWatcherRG",
  zones: ["1", "2", "3"],
});

/** The API server's subnet is at least a /28, and so is the smallest piece of a layout. */
const VNET_PREFIXES = { from: 8, to: 28 - LAYOUT_BITS };

/** No region of Azure has more: https://learn.microsoft.com/en-us/azure/reliability/availability-zones-overview */
const MOST_AZURE_ZONES = 3;

/** Plans an Azure network, or names everything that is wrong with its arguments. */
export function planAzureNetwork(name: string, args: AzureNetworkArgs): Planned<AzureNetworkPlan> {
  const cidr = args.cidr ?? azureNetworkDefaults.cidr;
  const zones = args.zones ?? azureNetworkDefaults.zones;
  const mode = args.natMode ?? NatMode.Single;
  return planned(azureNetworkFaults(name, args, cidr, zones), () => ({
    name,
    cidr,
    flowLogs: planFlowLogs(args),
    gateways: planGateways(mode, zones),
    location: args.location,
    nameOf: (word) => objectName([name, word]),
    publicPorts: args.publicPorts ?? [],
    resourceGroupName: args.resourceGroupName,
    ...planSubnets(args, cidr, mode === NatMode.PerZone ? zones : []),
    tags: args.tags ?? {},
  }));
}

function planGateways(mode: NatMode, zones: readonly string[]): AzureGatewayPlan[] {
  if (mode === NatMode.Single) return [{ word: "nat", zone: undefined }];
  return natZones(mode, zones).map((zone) => ({ word: `nat-${zone}`, zone }));
}

/** The nodes' subnet has the first place of the layout whatever the mode, so a change of mode moves no other. */
function planSubnets(
  { apiServerSubnet }: AzureNetworkArgs,
  cidr: string,
  zones: readonly string[],
): Pick<AzureNetworkPlan, "spareCidr" | "subnets"> {
  const layout = layoutSubnets(cidr, ["", ...zones]);
  const nodes = layout.zones.map(({ zone, privateCidr }) => ({
    word: zone === "" ? "nodes" : `nodes-${zone}`,
    cidr: privateCidr,
    isDelegated: false,
    zone: zone === "" ? undefined : zone,
  }));
  const api = { word: "api", cidr: layout.extraCidr, isDelegated: true, zone: undefined };
  return {
    spareCidr: layout.spareCidr,
    subnets: apiServerSubnet === true ? [...nodes, api] : nodes,
  };
}

function planFlowLogs({ flowLogs }: AzureNetworkArgs): AzureFlowLogsPlan | undefined {
  if (flowLogs === undefined) return undefined;
  return {
    retentionDays: flowLogs.retentionDays ?? azureNetworkDefaults.retentionDays,
    storageAccountId: flowLogs.storageAccountId,
    watcher: flowLogs.networkWatcherName,
    watcherGroup: flowLogs.networkWatcherResourceGroupName ?? azureNetworkDefaults.watcherGroup,
  };
}

function azureNetworkFaults(
  name: string,
  args: AzureNetworkArgs,
  cidr: string,
  zones: readonly string[],
): Fault[] {
  const reserved = args.reservedCidrs ?? azureNetworkDefaults.reservedCidrs;
  return [
    ...nameFaults("name", name),
    ...rangeFaults("cidr", cidr, VNET_PREFIXES),
    ...reservedFaults("reservedCidrs", reserved, [{ path: "cidr", cidr }]),
    ...natModeFaults(args.natMode),
    ...zoneFaults(zones, MOST_AZURE_ZONES),
    ...zones.flatMap((got, index) =>
      azureNetworkDefaults.zones.includes(got)
        ? []
        : [{ path: `zones[${String(index)}]`, problem: "not a zone", got, allowed: "1, 2, 3" }],
    ),
    ...wholeNumberFaults("flowLogs.retentionDays", args.flowLogs?.retentionDays, 1, 365),
    ...(args.publicPorts ?? []).flatMap((port, index) =>
      wholeNumberFaults(`publicPorts[${String(index)}]`, port, 1, 65_535),
    ),
  ];
}
