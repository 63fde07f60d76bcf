import type { Input } from "@pulumi/pulumi";
import { type Fault, type Planned, planned } from "../shared/faults";
import { nameFaults, objectName } from "../shared/names";
import type { GcpNetworkArgs } from "./gcp-args";
import { NatMode } from "./nat-mode";
import { natModeFaults } from "./plan";
import { overlapFaults, type PrefixLimits, rangeFaults, reservedFaults } from "./range-faults";

/** A network of Google Cloud, with every default filled in. */
export interface GcpNetworkPlan {
  name: string;
  /** Names of the cloud resources by what they are for, at most 63 characters. */
  names: { network: string; nodes: string; nat: string; denied: string };
  /** Undefined where no flow logs are written. */
  flowSampling: number | undefined;
  hasNat: boolean;
  nodeCidr: string;
  podCidr: string;
  project: Input<string> | undefined;
  region: string;
  serviceCidr: string;
}

/** What holds where an argument is left out. */
export const gcpNetworkDefaults = Object.freeze({
  nodeCidr: "10.0.0.0/20",
  podCidr: "10.4.0.0/14",
  sampling: 0.5,
  serviceCidr: "10.8.0.0/20",
});

/** Names of the secondary ranges of the subnetwork. */
export const RANGE_NAMES = Object.freeze({ pods: "pods", services: "services" });

/** https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#cluster_sizing */
const PREFIXES: Readonly<Record<"nodeCidr" | "podCidr" | "serviceCidr", PrefixLimits>> = {
  nodeCidr: { from: 8, to: 28 },
  podCidr: { from: 9, to: 21 },
  serviceCidr: { from: 16, to: 27 },
};

/** Plans a network of Google Cloud, or names everything that is wrong with its arguments. */
export function planGcpNetwork(name: string, args: GcpNetworkArgs): Planned<GcpNetworkPlan> {
  const ranges = rangesOf(args);
  return planned(gcpNetworkFaults(name, args, ranges), () => ({
    name,
    names: {
      network: name,
      nodes: objectName([name, "nodes"]),
      nat: objectName([name, "nat"]),
      denied: objectName([name, "deny-ingress"]),
    },
    flowSampling:
      args.flowLogs?.enabled === false
        ? undefined
        : (args.flowLogs?.sampling ?? gcpNetworkDefaults.sampling),
    hasNat: args.natMode !== NatMode.None,
    project: args.project,
    region: args.region,
    ...ranges,
  }));
}

type Ranges = Record<keyof typeof PREFIXES, string>;

function rangesOf(args: GcpNetworkArgs): Ranges {
  return {
    nodeCidr: args.nodeCidr ?? gcpNetworkDefaults.nodeCidr,
    podCidr: args.podCidr ?? gcpNetworkDefaults.podCidr,
    serviceCidr: args.serviceCidr ?? gcpNetworkDefaults.serviceCidr,
  };
}

function gcpNetworkFaults(name: string, args: GcpNetworkArgs, ranges: Ranges): Fault[] {
  const given = Object.entries(ranges).map(([path, cidr]) => ({ path, cidr }));
  return [
    ...nameFaults("name", name),
    ...regionFaults(args.region),
    ...rangeFaults("nodeCidr", ranges.nodeCidr, PREFIXES.nodeCidr),
    ...rangeFaults("podCidr", ranges.podCidr, PREFIXES.podCidr),
    ...rangeFaults("serviceCidr", ranges.serviceCidr, PREFIXES.serviceCidr),
    ...overlapFaults(given),
    ...reservedFaults("reservedCidrs", args.reservedCidrs ?? [], given),
    ...natFaults(args.natMode),
    ...samplingFaults(args.flowLogs?.sampling),
  ];
}

function regionFaults(got: string): Fault[] {
  if (/^[a-z]+(-[a-z]+)+\d+$/.test(got)) return [];
  return [{ path: "region", problem: "not a region", got, allowed: "as in europe-west1; no zone" }];
}

function natFaults(got: NatMode | undefined): Fault[] {
  if (got !== NatMode.PerZone) return natModeFaults(got);
  return [
    {
      path: "natMode",
      problem: "Cloud NAT is no machine in a zone: one already outlives the failure of any zone",
      got,
      allowed: `${NatMode.None}, ${NatMode.Single}`,
    },
  ];
}

function samplingFaults(got: number | undefined): Fault[] {
  if (got === undefined || (got > 0 && got <= 1)) return [];
  const fix = "flowLogs.enabled false, for none at all";
  return [{ path: "flowLogs.sampling", problem: "not a share", got, allowed: "above 0 to 1", fix }];
}
