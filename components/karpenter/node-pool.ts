import { kvmNodeLabels, startupTaint, TaintEffect, workerTaint } from "../shared/kvm-nodes";
import type { NodeContract } from "../shared/node-contract";
import {
  KarpenterCapacity,
  KarpenterConsolidation,
  type KarpenterBudget,
  type KarpenterScaling,
  type KarpenterTaint,
} from "./pool-args";

/** A condition on the machines of a pool, as Karpenter takes it. */
export interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

/** The object that says how machines are made. */
export interface NodeClassRef {
  group: string;
  kind: string;
  name: string;
}

/** What a NodePool is made of, whatever the cloud. */
export interface NodePoolContent {
  /** Name of the NodePool, and the value of the nodes' pool label. */
  name: string;
  contract: NodeContract;
  labels: Readonly<Record<string, string>>;
  nodeClassRef: NodeClassRef;
  /** What only this cloud's machines have. */
  requirements: readonly Requirement[];
  scaling: KarpenterScaling;
  taints: readonly KarpenterTaint[];
}

/** How many guests a node can be asked for where nothing is said: what the device plugin offers. */
export const DEFAULT_KVM_UNITS = 100;

const defaults = Object.freeze({
  consolidateAfter: "5m",
  expireAfter: "720h",
  maxCpus: 1000,
  terminationGracePeriod: "1h",
  weight: 10,
});

/** One node at a time: a drain ends the guests on it. */
const DEFAULT_BUDGETS: readonly KarpenterBudget[] = Object.freeze([{ nodes: "1" }]);

/**
 * The spec of a NodePool (`karpenter.sh/v1`) whose nodes keep the node contract: capability and pool label, worker
 * taint, and the startup taint that the node provisioner removes.
 *
 * Guests cannot be moved, so nothing here moves them: only empty nodes are consolidated, one node at a time is
 * replaced. `expireAfter` lies in the template, where v1 has it; under `disruption` the server would drop it.
 * Source: https://karpenter.sh/v1.14/concepts/nodepools/
 */
export function nodePoolSpec(content: NodePoolContent) {
  const { contract, scaling } = content;
  return {
    template: {
      metadata: { labels: kvmNodeLabels(contract, content.name, content.labels) },
      spec: {
        nodeClassRef: content.nodeClassRef,
        requirements: requirements(content),
        taints: [workerTaint(contract), ...content.taints.map(taint)],
        startupTaints: [startupTaint(contract)],
        expireAfter: scaling.expireAfter ?? defaults.expireAfter,
        terminationGracePeriod: scaling.terminationGracePeriod ?? defaults.terminationGracePeriod,
      },
    },
    disruption: {
      consolidationPolicy: scaling.consolidation ?? KarpenterConsolidation.WhenEmpty,
      consolidateAfter: scaling.consolidateAfter ?? defaults.consolidateAfter,
      budgets: (scaling.budgets ?? DEFAULT_BUDGETS).map((budget) => ({ ...budget })),
    },
    limits: limits(scaling),
    weight: scaling.weight ?? defaults.weight,
  };
}

function requirements({ requirements: own, scaling }: NodePoolContent): Requirement[] {
  const all: Requirement[] = [
    { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
    {
      key: "karpenter.sh/capacity-type",
      operator: "In",
      values: [...(scaling.capacityTypes ?? [KarpenterCapacity.OnDemand])],
    },
    ...own,
  ];
  if (scaling.zones !== undefined) {
    all.push({ key: "topology.kubernetes.io/zone", operator: "In", values: [...scaling.zones] });
  }
  return all;
}

function limits({ maxCpus, maxMemoryGib, maxNodes }: KarpenterScaling): Record<string, string> {
  return {
    cpu: String(maxCpus ?? defaults.maxCpus),
    ...(maxMemoryGib !== undefined && { memory: `${String(maxMemoryGib)}Gi` }),
    ...(maxNodes !== undefined && { nodes: String(maxNodes) }),
  };
}

function taint({ key, value, effect }: KarpenterTaint) {
  return { key, effect: effect ?? TaintEffect.NoSchedule, ...(value !== undefined && { value }) };
}

/**
 * The spec of a NodeOverlay (`karpenter.sh/v1alpha1`): says that the pool's machines will offer the device plugin's
 * resource. Without it Karpenter knows no machine that does, and makes none: not for a pod that asks for the
 * resource, nor for any pod at all where a DaemonSet on the nodes asks for it, as the workers do.
 * Source: https://karpenter.sh/v1.14/concepts/nodeoverlays/
 */
export function nodeOverlaySpec(contract: NodeContract, pool: string, kvmUnits: number) {
  return {
    requirements: [{ key: "karpenter.sh/nodepool", operator: "In", values: [pool] }],
    capacity: { [contract.kvmResource]: String(kvmUnits) },
  };
}

/** How long a NodePool may take to go, in minutes, from the grace period of its nodes and what a machine takes. */
export function deletionMinutes(scaling: KarpenterScaling): number {
  return durationMinutes(scaling.terminationGracePeriod ?? defaults.terminationGracePeriod) + 30;
}

/** A duration such as "1h30m" in minutes, rounded up. */
export function durationMinutes(duration: string): number {
  const minutes = { h: 60, m: 1, s: 1 / 60 };
  let sum = 0;
  for (const [, count = "", unit = ""] of duration.matchAll(/([0-9]+)([hms])/g)) {
    if (unit === "h" || unit === "m" || unit === "s") sum += Number(count) * minutes[unit];
  }
  return Math.ceil(sum);
}
