import type { Input } from "@pulumi/pulumi";
import { type Planned, planned } from "../shared/faults";
import { objectName } from "../shared/names";
import type { AwsNetworkArgs } from "./aws-args";
import { awsNetworkFaults, regionOf } from "./aws-faults";
import { NatMode } from "./nat-mode";
import { layoutSubnets, natZones, type SubnetLayout } from "./plan";

/** Flow logs, with every default filled in. */
export interface AwsFlowLogsPlan {
  encryptionKeyArn: Input<string> | undefined;
  logGroup: string;
  retentionDays: number;
  role: string;
}

/** An AWS network, with every default filled in. */
export interface AwsNetworkPlan {
  name: string;
  cidr: string;
  discoveryName: string;
  /** Undefined where none are written. */
  flowLogs: AwsFlowLogsPlan | undefined;
  gatewayEndpoints: string[];
  interfaceEndpoints: string[];
  layout: SubnetLayout;
  natMode: NatMode;
  /** The zones that a NAT gateway stands in. */
  natZones: string[];
  region: string;
  tags: Record<string, string>;
}

/**
 * What nodes and controllers of a private EKS cluster call, beside S3.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html and Karpenter's guide to private
 * clusters. Karpenter also calls `iam` and `pricing`, which have no endpoint in most regions.
 */
export const PRIVATE_CLUSTER_ENDPOINTS = Object.freeze([
  "autoscaling",
  "ec2",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "logs",
  "sqs",
  "ssm",
  "sts",
]);

/** What holds where an argument is left out. */
export const awsNetworkDefaults = Object.freeze({
  cidr: "10.0.0.0/16",
  gatewayEndpoints: ["s3", "dynamodb"],
  reservedCidrs: ["172.20.0.0/16"],
  retentionDays: 90,
});

/** Plans an AWS network, or names everything that is wrong with its arguments. */
export function planAwsNetwork(name: string, args: AwsNetworkArgs): Planned<AwsNetworkPlan> {
  const cidr = args.cidr ?? awsNetworkDefaults.cidr;
  const reserved = args.reservedCidrs ?? awsNetworkDefaults.reservedCidrs;
  const natMode = args.natMode ?? NatMode.Single;
  return planned(awsNetworkFaults(name, args, cidr, reserved), () => ({
    name,
    cidr,
    discoveryName: args.discoveryName ?? name,
    flowLogs: planFlowLogs(name, args),
    gatewayEndpoints: args.gatewayEndpoints ?? awsNetworkDefaults.gatewayEndpoints,
    interfaceEndpoints:
      args.interfaceEndpoints ?? (natMode === NatMode.None ? [...PRIVATE_CLUSTER_ENDPOINTS] : []),
    layout: layoutSubnets(cidr, args.zones),
    natMode,
    natZones: natZones(natMode, args.zones),
    region: regionOf(args.zones[0] ?? "") ?? "",
    tags: args.tags ?? {},
  }));
}

function planFlowLogs(name: string, { flowLogs }: AwsNetworkArgs): AwsFlowLogsPlan | undefined {
  if (flowLogs?.enabled === false) return undefined;
  return {
    encryptionKeyArn: flowLogs?.encryptionKeyArn,
    logGroup: `/kvm-fabric/network/${name}/flow-logs`,
    retentionDays: flowLogs?.retentionDays ?? awsNetworkDefaults.retentionDays,
    role: objectName([name, "flow-logs"], 64),
  };
}
