import { type ClusterArn, serviceSuffix } from "../cluster/aws/arn";

/** An event of AWS that a machine is about to be taken away, or has changed. */
export interface InterruptionRule {
  /** Suffix of the rule's name. */
  suffix: string;
  source: string;
  detailType: string;
}

/**
 * The five kinds of events that the controller listens to. The texts are matched letter by letter: a rule with a
 * letter less never fires, and nobody notices.
 * Source: https://karpenter.sh/v1.14/reference/cloudformation/#interruption-handling
 */
export const INTERRUPTION_RULES: readonly InterruptionRule[] = Object.freeze([
  { suffix: "scheduled-change", source: "aws.health", detailType: "AWS Health Event" },
  {
    suffix: "spot-interruption",
    source: "aws.ec2",
    detailType: "EC2 Spot Instance Interruption Warning",
  },
  {
    suffix: "rebalance",
    source: "aws.ec2",
    detailType: "EC2 Instance Rebalance Recommendation",
  },
  {
    suffix: "instance-state-change",
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
  },
  {
    suffix: "capacity-reservation-interruption",
    source: "aws.ec2",
    detailType: "EC2 Capacity Reservation Instance Interruption Warning",
  },
]);

/** Id of each rule's one target. */
export const INTERRUPTION_TARGET = "KarpenterInterruptionQueueTarget";

/** How long an event waits for the controller, in seconds: an older one is of no use. */
export const QUEUE_RETENTION_SECONDS = 300;

/** The pattern of one rule, as EventBridge takes it. */
export function eventPattern({ source, detailType }: InterruptionRule): string {
  return JSON.stringify({ source: [source], "detail-type": [detailType] });
}

/** Who may write to the queue: the services of AWS that report; and nobody may do anything without TLS. */
export function queuePolicy(queueArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Id: "EC2InterruptionPolicy",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "sqs.amazonaws.com"] },
        Action: "sqs:SendMessage",
        Resource: queueArn,
      },
      {
        Sid: "DenyHTTP",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: queueArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}

/** Whom the controller's role trusts: EKS Pod Identity, and nothing else. */
export function podIdentityTrust(): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    ],
  });
}

/** Whom the nodes' role trusts: EC2 under the name that it has in the partition. */
export function nodeTrust({ partition }: ClusterArn): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: `ec2.${serviceSuffix(partition)}` },
        Action: "sts:AssumeRole",
      },
    ],
  });
}

/** AWS's own policies that a node of an EKS cluster needs, by the suffix of their attachment. */
export const NODE_POLICIES: Readonly<Record<string, string>> = Object.freeze({
  cni: "AmazonEKS_CNI_Policy",
  worker: "AmazonEKSWorkerNodePolicy",
  registry: "AmazonEC2ContainerRegistryPullOnly",
  ssm: "AmazonSSMManagedInstanceCore",
});
