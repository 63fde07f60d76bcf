import type { AwsPoolPlan } from "./aws-plan";

const AUTOSCALER = "k8s.io/cluster-autoscaler/";

/** Before the key of each label that the autoscaler is told of. */
export const AUTOSCALER_LABEL = `${AUTOSCALER}node-template/label/`;

/** A tag of an Auto Scaling group. */
export interface GroupTag {
  key: string;
  value: string;
  propagateAtLaunch: boolean;
}

/**
 * The tags of the Auto Scaling group. Those of the autoscaler tell it what a node of an empty pool would look like:
 * labels, taints, and the units of KVM that only a running node would offer. The startup taint is left out, since a
 * pod is put on a node from which it is gone: with it, no pod would ever bring the first node.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
 */
export function groupTags(plan: AwsPoolPlan, name: string, cluster: string): GroupTag[] {
  const machines = Object.entries({
    ...plan.tags,
    Name: name,
    [`kubernetes.io/cluster/${cluster}`]: "owned",
  });
  return [
    ...machines.map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
    ...(plan.autoscaled ? autoscalerTags(plan, cluster) : []),
  ];
}

function autoscalerTags(plan: AwsPoolPlan, cluster: string): GroupTag[] {
  const { contract, kvmUnits, labels, taints } = plan;
  const lasting = taints.filter(({ key }) => key !== contract.startupTaint);
  return Object.entries({
    [`${AUTOSCALER}enabled`]: "true",
    [`${AUTOSCALER}${cluster}`]: "owned",
    ...prefixed(AUTOSCALER_LABEL, Object.entries(labels)),
    ...prefixed(
      `${AUTOSCALER}node-template/taint/`,
      lasting.map(({ key, value, effect }) => [key, `${value}:${effect}`]),
    ),
    [`${AUTOSCALER}node-template/resources/${contract.kvmResource}`]: String(kvmUnits),
  }).map(([key, value]) => ({ key, value, propagateAtLaunch: false }));
}

function prefixed(prefix: string, entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, value]) => [`${prefix}${key}`, value]));
}
