import type { Fault } from "../shared/faults";
import { nameFaults } from "../shared/names";
import type { AwsNetworkArgs } from "./aws-args";
import { LAYOUT_BITS, natModeFaults, zoneFaults } from "./plan";
import { rangeFaults, reservedFaults } from "./range-faults";

/** A VPC is /16 to /28, and so is a subnet: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const VPC_PREFIXES = { from: 16, to: 28 - LAYOUT_BITS };

/** The periods that CloudWatch Logs takes: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** The services that have gateway endpoints: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html */
const GATEWAY_SERVICES = ["s3", "dynamodb"];

/** Finds everything that is wrong with the arguments of an AWS network. */
export function awsNetworkFaults(
  name: string,
  args: AwsNetworkArgs,
  cidr: string,
  reserved: readonly string[],
): Fault[] {
  return [
    ...nameFaults("name", name),
    ...zoneFaults(args.zones),
    ...zoneNameFaults(args.zones),
    ...rangeFaults("cidr", cidr, VPC_PREFIXES),
    ...reservedFaults("reservedCidrs", reserved, [{ path: "cidr", cidr }]),
    ...natModeFaults(args.natMode),
    ...endpointFaults(args),
    ...retentionFaults("flowLogs.retentionDays", args.flowLogs?.retentionDays),
    ...tagFaults(args),
  ];
}

/** The region of a zone, as in `us-east-1`; undefined where the name is none of a zone of a region. */
export function regionOf(zone: string): string | undefined {
  return /^([a-z]{2}(-[a-z]+)+-\d+)[a-z]$/.exec(zone)?.[1];
}

function zoneNameFaults(zones: readonly string[]): Fault[] {
  const region = zones.map(regionOf).find((found) => found !== undefined);
  return zones.flatMap((got, index) => {
    const path = `zones[${String(index)}]`;
    const own = regionOf(got);
    if (own === undefined) {
      const problem = "not the name of an availability zone";
      return [{ path, problem, got, allowed: "as in us-east-1a; no local zone, no zone id" }];
    }
    if (own === region) return [];
    return [
      {
        path,
        problem: "in another region than the first",
        got,
        allowed: `zones of ${region ?? ""}`,
      },
    ];
  });
}

function endpointFaults({
  gatewayEndpoints = [],
  interfaceEndpoints = [],
}: AwsNetworkArgs): Fault[] {
  const unknown = gatewayEndpoints.flatMap((got, index) => {
    const path = `gatewayEndpoints[${String(index)}]`;
    if (GATEWAY_SERVICES.includes(got)) return [];
    const fix = "interfaceEndpoints";
    return [
      { path, problem: "has no gateway endpoint", got, allowed: GATEWAY_SERVICES.join(", "), fix },
    ];
  });
  const malformed = interfaceEndpoints.flatMap((got, index) => {
    if (/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(got) && !got.startsWith("com.")) return [];
    const path = `interfaceEndpoints[${String(index)}]`;
    return [{ path, problem: "not a service's short name", got, allowed: "as in ecr.api" }];
  });
  return [
    ...unknown,
    ...malformed,
    ...twice("gatewayEndpoints", gatewayEndpoints),
    ...twice("interfaceEndpoints", interfaceEndpoints),
  ];
}

function twice(path: string, services: readonly string[]): Fault[] {
  return services.flatMap((got, index) =>
    services.indexOf(got) === index
      ? []
      : [{ path: `${path}[${String(index)}]`, problem: "named twice", got }],
  );
}

function retentionFaults(path: string, got: number | undefined): Fault[] {
  if (got === undefined || RETENTION_DAYS.includes(got)) return [];
  const allowed = RETENTION_DAYS.join(", ");
  return [{ path, problem: "not a period that CloudWatch knows", got, allowed }];
}

function tagFaults({ discoveryName, tags = {} }: AwsNetworkArgs): Fault[] {
  const own = Object.keys(tags)
    .filter((key) => /^(aws:|Name$|karpenter\.sh\/discovery$|kubernetes\.io\/role\/)/.test(key))
    .map((key) => ({
      path: `tags["${key}"]`,
      problem: "a tag that the network or AWS sets itself",
    }));
  if (discoveryName === undefined || /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(discoveryName))
    return own;
  const allowed = "letters, digits, - and _, at most 100 characters";
  return [
    ...own,
    {
      path: "discoveryName",
      problem: "not the name of an EKS cluster",
      got: discoveryName,
      allowed,
    },
  ];
}
