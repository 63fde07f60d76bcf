import type { Input } from "@pulumi/pulumi";
import type { NatMode } from "./nat-mode";

/** Records of what was sent from where to where, in a group of CloudWatch Logs. */
export interface AwsFlowLogs {
  /** Writes flow logs. Defaults to true. */
  enabled?: boolean;
  /**
   * ARN of a KMS key that encrypts the group; its policy must let CloudWatch Logs use it. Defaults to the encryption
   * that CloudWatch does by itself.
   */
  encryptionKeyArn?: Input<string>;
  /** Days that records are kept: a number that CloudWatch knows. Defaults to 90. */
  retentionDays?: number;
}

/** Arguments of {@link AwsNetwork}. */
export interface AwsNetworkArgs {
  /**
   * Names of 2 to 6 zones of one region, as in `us-east-1a`. A zone's place in the list decides its addresses: add zones
   * at the end, and never change the order.
   */
  zones: string[];
  /** Range of the VPC, /16 to /22. Defaults to "10.0.0.0/16". */
  cidr?: string;
  /** Value of the tag `karpenter.sh/discovery` of private subnets: the cluster's name. Defaults to the component's logical name. */
  discoveryName?: string;
  /** Flow logs. Defaults to what {@link AwsFlowLogs} says. */
  flowLogs?: AwsFlowLogs;
  /** Services that are reached over gateway endpoints, which cost nothing. Defaults to s3 and dynamodb. */
  gatewayEndpoints?: string[];
  /**
   * Services that are reached over interface endpoints, each billed by the hour in each zone. Defaults to none, and
   * without NAT to what a private EKS cluster with Karpenter calls: autoscaling, ec2, ecr.api, ecr.dkr, eks, eks-auth,
   * elasticloadbalancing, logs, sqs, ssm and sts.
   */
  interfaceEndpoints?: string[];
  /** How private subnets reach the internet. Defaults to `NatMode.Single`. */
  natMode?: NatMode;
  /** Ranges that the VPC stays clear of: Services', peers', offices'. Defaults to 172.20.0.0/16, AwsCluster's Services. */
  reservedCidrs?: string[];
  /** Tags of everything. Defaults to none beside the Name. */
  tags?: Record<string, string>;
}
