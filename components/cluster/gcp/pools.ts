import * as pulumi from "@pulumi/pulumi";
import type { Input, Resource } from "@pulumi/pulumi";
import type { Cluster } from "@pulumi/gcp/container/cluster";
import { NodePool } from "@pulumi/gcp/container/nodePool";
import type { Account } from "@pulumi/gcp/serviceaccount/account";
import { poolName } from "../../shared/pool-name";
import type { GcpClusterPlan } from "./plan";

/** A pool of the cluster, with every default filled in. */
export interface ClusterPoolPlan {
  /** What it is for: its logical name ends in this, and its name in GKE begins with it. */
  word: "system" | "services";
  /** Whether only GKE's own components and what tolerates their taint run there. */
  dedicated: boolean;
  diskGib: number;
  diskKeyId: Input<string> | undefined;
  /** Nodes that each zone starts with; never looked at again. */
  initialNodesPerZone: number;
  machineType: string;
  maxNodes: number;
  maxPodsPerNode: number;
  minNodes: number;
}

/**
 * The taint that GKE's own components tolerate, so that they stay on the system pool and everything else off it.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/isolate-workloads-dedicated-nodes
 */
export const SYSTEM_TAINT = Object.freeze({
  key: "components.gke.io/gke-managed-components",
  value: "true",
  effect: "NO_SCHEDULE",
});

/** What every node of the cluster starts with, the short-lived default pool's too. */
export function nodeBaseline(account: Account) {
  return {
    imageType: "COS_CONTAINERD",
    metadata: { "disable-legacy-endpoints": "true" },
    // The service account's roles decide what a node may do; scopes are a relic that must not narrow them.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    serviceAccount: account.email,
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  };
}

/**
 * Creates a pool of the cluster. What GKE cannot change on a pool is hashed into its name, so a new pool stands before
 * the old one goes.
 */
export function createPool(
  parent: Resource,
  plan: GcpClusterPlan,
  pool: ClusterPoolPlan,
  cluster: Cluster,
  account: Account,
  dependsOn: Resource[],
): NodePool {
  return new NodePool(
    `${plan.name}-${pool.word}`,
    {
      name: pulumi
        .output(pool.diskKeyId)
        .apply((diskKeyId) =>
          poolName(pool.word, { maxPodsPerNode: pool.maxPodsPerNode, diskKeyId }, 40),
        ),
      cluster: cluster.name,
      location: cluster.location,
      project: cluster.project,
      version: plan.kubernetesVersion,
      initialNodeCount: pool.initialNodesPerZone,
      autoscaling: {
        totalMinNodeCount: pool.minNodes,
        totalMaxNodeCount: pool.maxNodes,
        locationPolicy: "BALANCED",
      },
      management: { autoRepair: true, autoUpgrade: plan.kubernetesVersion === undefined },
      maxPodsPerNode: pool.maxPodsPerNode,
      networkConfig: { enablePrivateNodes: true },
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
      nodeConfig: nodeOf(plan, pool, account),
    },
    // The autoscaler moves the count, and a channel the version.
    { parent, dependsOn, ignoreChanges: poolDrift(plan) },
  );
}

function nodeOf({ labels }: GcpClusterPlan, pool: ClusterPoolPlan, account: Account) {
  return {
    ...nodeBaseline(account),
    machineType: pool.machineType,
    diskSizeGb: pool.diskGib,
    diskType: "pd-balanced",
    bootDiskKmsKey: pool.diskKeyId,
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    resourceLabels: labels,
    taints: pool.dedicated ? [SYSTEM_TAINT] : [],
  };
}

function poolDrift({ kubernetesVersion }: GcpClusterPlan): string[] {
  const counts = ["initialNodeCount", "nodeCount"];
  return kubernetesVersion === undefined ? [...counts, "version"] : counts;
}
