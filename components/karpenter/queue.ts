import { EventRule } from "@pulumi/aws/cloudwatch/eventRule";
import { EventTarget } from "@pulumi/aws/cloudwatch/eventTarget";
import { Queue } from "@pulumi/aws/sqs/queue";
import { QueuePolicy } from "@pulumi/aws/sqs/queuePolicy";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterArn } from "../cluster/aws/arn";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import { accountWideName, clusterArn } from "./account-names";
import {
  eventPattern,
  INTERRUPTION_RULES,
  INTERRUPTION_TARGET,
  type InterruptionRule,
  QUEUE_RETENTION_SECONDS,
  queuePolicy,
} from "./interruption";
import type { KarpenterPlan } from "./plan";

const LONGEST_QUEUE_NAME = 80;
const LONGEST_RULE_NAME = 64;

/** The queue that the controller reads, and what must outlive it. */
export interface InterruptionQueue {
  queue: Queue;
  resources: pulumi.Resource[];
}

/** Creates the queue, encrypted, its policy, and the five rules that write to it. */
export function createInterruptionQueue(
  parent: pulumi.Resource,
  name: string,
  plan: KarpenterPlan,
  cluster: AwsClusterRef,
): InterruptionQueue {
  const arn = clusterArn(cluster);
  const queue = new Queue(
    `${name}-interruption`,
    {
      name: accountWideName(arn, "karpenter", LONGEST_QUEUE_NAME),
      messageRetentionSeconds: QUEUE_RETENTION_SECONDS,
      sqsManagedSseEnabled: true,
      tags: plan.tags,
    },
    { parent },
  );
  const policy = new QueuePolicy(
    `${name}-interruption`,
    { queueUrl: queue.url, policy: queue.arn.apply(queuePolicy) },
    { parent },
  );
  for (const rule of INTERRUPTION_RULES)
    createRule(parent, name, plan, rule, { arn, queue, policy });
  return { queue, resources: [queue, policy] };
}

/** Where a rule writes to. */
interface RuleTarget {
  arn: pulumi.Output<ClusterArn>;
  queue: Queue;
  policy: QueuePolicy;
}

function createRule(
  parent: pulumi.Resource,
  name: string,
  plan: KarpenterPlan,
  rule: InterruptionRule,
  { arn, queue, policy }: RuleTarget,
): void {
  const created = new EventRule(
    `${name}-${rule.suffix}`,
    {
      name: accountWideName(arn, `karpenter-${rule.suffix}`, LONGEST_RULE_NAME),
      description: `For Karpenter: ${rule.detailType}`,
      eventPattern: eventPattern(rule),
      tags: plan.tags,
    },
    { parent },
  );
  new EventTarget(
    `${name}-${rule.suffix}`,
    { rule: created.name, arn: queue.arn, targetId: INTERRUPTION_TARGET },
    // Events that arrive before the policy does are lost.
    { parent, dependsOn: [policy] },
  );
}
