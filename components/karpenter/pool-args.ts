import type { Input } from "@pulumi/pulumi";

/** How machines are paid for. */
export const KarpenterCapacity = {
  /** Kept until it is given back. */
  OnDemand: "on-demand",
  /** Cheaper, and taken away by the cloud with two minutes' notice. */
  Spot: "spot",
} as const;
export type KarpenterCapacity = (typeof KarpenterCapacity)[keyof typeof KarpenterCapacity];

/** Which nodes may be removed because their pods fit elsewhere. */
export const KarpenterConsolidation = {
  /** Nodes without a pod that counts: a running guest is never moved. */
  WhenEmpty: "WhenEmpty",
  /** Half-empty nodes too: their pods are evicted, and with them their guests. */
  WhenEmptyOrUnderutilized: "WhenEmptyOrUnderutilized",
  /** Half-empty nodes where what is saved is worth the disturbance. Karpenter 1.14. */
  Balanced: "Balanced",
} as const;
export type KarpenterConsolidation =
  (typeof KarpenterConsolidation)[keyof typeof KarpenterConsolidation];

/** Why a node is replaced or removed although it works. */
export const KarpenterDisruption = {
  /** Its pods fit elsewhere. */
  Underutilized: "Underutilized",
  /** No pod is left on it. */
  Empty: "Empty",
  /** Its pool or its class says something else by now, its image among others. */
  Drifted: "Drifted",
} as const;
export type KarpenterDisruption = (typeof KarpenterDisruption)[keyof typeof KarpenterDisruption];

/** How many nodes of a pool may be taken down at a time. The strictest budget of those that hold counts. */
export interface KarpenterBudget {
  /** A count or a percentage of the pool's nodes, as in "1" and "10%"; "0" for none. */
  nodes: string;
  /** How long the budget holds from each start, as in "8h"; only with `schedule`. Defaults to always. */
  duration?: string;
  /** What the budget is for. Defaults to every reason. */
  reasons?: KarpenterDisruption[];
  /** When it begins to hold, as cron writes it, in UTC; only with `duration`. Defaults to always. */
  schedule?: string;
}

/** How far a pool grows, and when its nodes go. */
export interface KarpenterScaling {
  /** How many nodes may be taken down at a time. Defaults to one node, whatever the reason. */
  budgets?: KarpenterBudget[];
  /** How machines may be paid for. Defaults to `KarpenterCapacity.OnDemand`. */
  capacityTypes?: KarpenterCapacity[];
  /** How long a node must have been idle before it goes, as in "5m"; "Never". Defaults to "5m". */
  consolidateAfter?: string;
  /** Which nodes may go for their pods fit elsewhere. Defaults to `KarpenterConsolidation.WhenEmpty`. */
  consolidation?: KarpenterConsolidation;
  /** Age at which a node is replaced, as in "720h"; "Never". Defaults to "720h". */
  expireAfter?: string;
  /** The most CPUs that all nodes of the pool have together. Defaults to 1000. */
  maxCpus?: number;
  /** The most memory that all nodes of the pool have together, in GiB. Defaults to no limit of its own. */
  maxMemoryGib?: number;
  /** The most nodes of the pool. Defaults to no limit of its own. */
  maxNodes?: number;
  /**
   * How long pods have to end once a node goes, as in "1h"; then they are killed, whatever their budgets say.
   * Defaults to "1h": without an end a single pod would keep a stack from being destroyed.
   */
  terminationGracePeriod?: string;
  /** Which pool is asked first, 1 to 100: the heavier. Defaults to 10. */
  weight?: number;
  /** Zones of the machines. Defaults to every zone with a subnet. */
  zones?: string[];
}

/** A taint of a pool's own, beside the worker and the startup taint. */
export interface KarpenterTaint {
  /** As in `example.com/tenant`. */
  key: string;
  /** What it does to pods that do not tolerate it. Defaults to "NoSchedule". */
  effect?: string;
  /** Defaults to none. */
  value?: string;
}

/**
 * Nodes that stand ready for the next guests, held by pods that do nothing and give way to any other. A metal
 * machine takes 5 to 25 minutes to start: this is what hides it.
 */
export interface KarpenterWarmBuffer {
  /** Image of the pods that hold the nodes, by digest: Kubernetes' own `pause`. */
  image: string;
  /** Namespace of these pods. Any Pod Security level will do. */
  namespace: Input<string>;
  /** How many nodes stand ready. */
  nodes: number;
  /** CPU that such a pod asks for, so that a guest's pod displaces it. Defaults to "1". */
  cpu?: string;
  /**
   * Rights to open /dev/kvm that such a pod asks for; guests that find none left displace it. Defaults to a
   * tenth less than a node has: what node agents and the first guests need.
   */
  kvmUnits?: number;
}
