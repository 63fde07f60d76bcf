import type { NodeContract } from "./node-contract";

/** A taint as Kubernetes writes it; clouds spell the effect in their own ways. */
export interface Taint {
  key: string;
  value: string;
  effect: TaintEffect;
}

/** What a taint does to pods that do not tolerate it. */
export const TaintEffect = {
  /** No new pod is put on the node. */
  NoSchedule: "NoSchedule",
  /** The scheduler avoids the node. */
  PreferNoSchedule: "PreferNoSchedule",
  /** Running pods are evicted too. */
  NoExecute: "NoExecute",
} as const;
export type TaintEffect = (typeof TaintEffect)[keyof typeof TaintEffect];

/** The labels that each node of a KVM pool joins with: the contract's, which no label of the user's overrides. */
export function kvmNodeLabels(
  contract: NodeContract,
  pool: string,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...own, [contract.capabilityLabel]: "true", [contract.poolLabel]: pool };
}

/** The taint that stays on each KVM node: only worker pods tolerate it. */
export function workerTaint(contract: NodeContract): Taint {
  return { key: contract.workerTaint, value: "true", effect: TaintEffect.NoSchedule };
}

/** The taint that each KVM node joins with, and that the node provisioner removes once the node is proven. */
export function startupTaint(contract: NodeContract): Taint {
  return { key: contract.startupTaint, value: "true", effect: TaintEffect.NoSchedule };
}

/** All taints that each node of a KVM pool joins with, the user's own last. */
export function kvmNodeTaints(contract: NodeContract, own: readonly Taint[] = []): Taint[] {
  return [workerTaint(contract), startupTaint(contract), ...own];
}
