import type { AwsNetworkArgs } from "../../../../components/network/aws-args";
import { planAwsNetwork, PRIVATE_CLUSTER_ENDPOINTS } from "../../../../components/network/aws-plan";
import type { AzureNetworkArgs } from "../../../../components/network/azure-args";
import { planAzureNetwork } from "../../../../components/network/azure-plan";
import type { GcpNetworkArgs } from "../../../../components/network/gcp-args";
import { planGcpNetwork } from "../../../../components/network/gcp-plan";
import { NatMode } from "../../../../components/network/nat-mode";
import { type Planned, renderFault } from "../../../../components/shared/faults";

function faultsOf(result: Planned<unknown>): string[] {
  return result.ok ? [] : result.faults.map(renderFault);
}

const paths = (result: Planned<unknown>): string[] =>
  result.ok ? [] : result.faults.map(({ path }) => path);

const zones = ["us-east-1a", "us-east-1b"];
const aws = (args: Partial<AwsNetworkArgs>, name = "net") =>
  planAwsNetwork(name, { zones, ...args });
const gcp = (args: Partial<GcpNetworkArgs>) =>
  planGcpNetwork("net", { region: "europe-west1", ...args });
const azure = (args: AzureNetworkArgs) => planAzureNetwork("net", args);

test.each<[Partial<AwsNetworkArgs>, string]>([
  [{ cidr: "10.0.0.0" }, 'cidr: not an IPv4 range, got "10.0.0.0", allowed as in 10.0.0.0/16'],
  [
    { cidr: "10.0.5.0/16" },
    'cidr: not the first address of its range, got "10.0.5.0/16"; try "10.0.0.0/16"',
  ],
  [{ cidr: "10.0.0.0/23" }, 'cidr: too small, got "10.0.0.0/23", allowed prefixes /16 to /22'],
  [{ cidr: "10.0.0.0/8" }, 'cidr: too large, got "10.0.0.0/8", allowed prefixes /16 to /22'],
  [{ cidr: "8.8.0.0/16" }, "cidr: hides a part of the internet that is somebody else's"],
  [
    { cidr: "172.20.0.0/16" },
    'reservedCidrs[0]: overlaps cidr 172.20.0.0/16, got "172.20.0.0/16"; try a range apart from it',
  ],
  [{ reservedCidrs: ["10.0.128.0/20"] }, "reservedCidrs[0]: overlaps cidr 10.0.0.0/16"],
  [{ reservedCidrs: ["office"] }, 'reservedCidrs[0]: not an IPv4 range, got "office"'],
  [{ zones: ["us-east-1a"] }, "zones: too few or too many, got 1, allowed 2 to 6"],
  [
    { zones: ["a", "b", "c", "d", "e", "f", "g"].map((z) => `us-east-1${z}`) },
    "zones: too few or too many, got 7",
  ],
  [{ zones: ["us-east-1a", "us-east-1a"] }, 'zones[1]: named twice, got "us-east-1a"'],
  [{ zones: ["us-east-1a", "us-east-2a"] }, "zones[1]: in another region than the first"],
  [{ zones: ["us-east-1a", "use1-az2"] }, "zones[1]: not the name of an availability zone"],
  [{ zones: ["us-west-2a", "us-west-2-lax-1a"] }, "zones[1]: not the name of an availability zone"],
  [{ gatewayEndpoints: ["sqs"] }, "gatewayEndpoints[0]: has no gateway endpoint"],
  [
    { interfaceEndpoints: ["com.amazonaws.us-east-1.sqs"] },
    "interfaceEndpoints[0]: not a service's short name",
  ],
  [{ interfaceEndpoints: ["sqs", "sqs"] }, "interfaceEndpoints[1]: named twice"],
  [
    { flowLogs: { retentionDays: 10 } },
    "flowLogs.retentionDays: not a period that CloudWatch knows, got 10",
  ],
  [{ tags: { Name: "x" } }, 'tags["Name"]: a tag that the network or AWS sets itself'],
  [{ discoveryName: "a b" }, "discoveryName: not the name of an EKS cluster"],
])("AWS refuses %j", (args, fault) => {
  const faults = faultsOf(aws(args));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test("says all faults at once", () => {
  const mode: any = "two";
  const result = aws({ cidr: "1.2.3.4/29", natMode: mode, zones: ["x"] }, "Net");
  expect(paths(result)).toEqual(["name", "zones", "zones[0]", "cidr", "cidr", "cidr", "natMode"]);
});

test("a private network gets the endpoints of a private cluster, unless told otherwise", () => {
  const endpointsOf = (args: Partial<AwsNetworkArgs>): string[] => {
    const result = aws(args);
    return result.ok ? result.plan.interfaceEndpoints : [];
  };
  expect(endpointsOf({ natMode: NatMode.None })).toEqual(PRIVATE_CLUSTER_ENDPOINTS);
  expect(endpointsOf({ natMode: NatMode.None, interfaceEndpoints: ["sts"] })).toEqual(["sts"]);
  expect(endpointsOf({})).toEqual([]);
});

test.each<[Partial<GcpNetworkArgs>, string]>([
  [{ region: "europe-west1-b" }, "region: not a region"],
  [{ natMode: NatMode.PerZone }, "natMode: Cloud NAT is no machine in a zone"],
  [{ nodeCidr: "10.4.0.0/20" }, "podCidr: overlaps nodeCidr 10.4.0.0/20"],
  [{ serviceCidr: "10.5.0.0/20" }, "serviceCidr: overlaps podCidr 10.4.0.0/14"],
  [{ podCidr: "10.64.0.0/22" }, "podCidr: too small"],
  [{ serviceCidr: "10.64.0.0/15" }, "serviceCidr: too large"],
  [{ nodeCidr: "10.0.0.0/29" }, "nodeCidr: too small"],
  [{ reservedCidrs: ["10.8.1.0/24"] }, "reservedCidrs[0]: overlaps serviceCidr 10.8.0.0/20"],
  [{ flowLogs: { sampling: 0 } }, "flowLogs.sampling: not a share, got 0"],
  [{ flowLogs: { sampling: 1.5 } }, "flowLogs.sampling: not a share, got 1.5"],
])("Google Cloud refuses %j", (args, fault) => {
  const faults = faultsOf(gcp(args));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test.each<[AzureNetworkArgs, string]>([
  [{ cidr: "10.0.0.0/24" }, "cidr: too small"],
  [{ cidr: "10.244.0.0/16" }, "reservedCidrs[0]: overlaps cidr 10.244.0.0/16"],
  [{ zones: ["1"] }, "zones: too few or too many, got 1, allowed 2 to 3"],
  [{ zones: ["1", "4"] }, 'zones[1]: not a zone, got "4"'],
  [{ publicPorts: [0] }, "publicPorts[0]: out of range"],
  [
    { flowLogs: { storageAccountId: "id", retentionDays: 366 } },
    "flowLogs.retentionDays: out of range",
  ],
])("Azure refuses %j", (args, fault) => {
  const faults = faultsOf(azure(args));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test("Azure's subnet for all nodes stays where it is, whatever the mode", () => {
  const subnetsOf = (args: AzureNetworkArgs) => {
    const result = azure(args);
    return result.ok ? result.plan.subnets.map(({ word, cidr }) => `${word} ${cidr}`) : [];
  };
  expect(subnetsOf({ natMode: NatMode.PerZone, apiServerSubnet: true })).toEqual([
    "nodes 10.0.0.0/19",
    "nodes-1 10.0.32.0/19",
    "nodes-2 10.0.64.0/19",
    "nodes-3 10.0.96.0/19",
    "api 10.0.216.0/22",
  ]);
  expect(subnetsOf({ apiServerSubnet: true })).toEqual(["nodes 10.0.0.0/19", "api 10.0.216.0/22"]);
  expect(subnetsOf({ natMode: NatMode.None })).toEqual(["nodes 10.0.0.0/19"]);
});
