import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../shared/labels";
import { requirePlan } from "../shared/require-plan";
import type { KarpenterNodePoolsArgs } from "./node-pools-args";
import { planNodePools, type ProvidedPool } from "./node-pools-plan";
import { createPool } from "./pools";

/**
 * Pools of KVM machines for a Karpenter that somebody else runs: AKS with node auto-provisioning, or one that is in
 * the cluster already.
 *
 * Creates, under its logical name `NAME`, for each pool: a NodePool (`NAME-POOL`), with `aks` an AKSNodeClass
 * (`NAME-POOL-class`), with `overlays` a NodeOverlay (`NAME-POOL-overlay`), and where asked for the Deployment of its
 * warm buffer (`NAME-POOL-warm`). It costs the machines that pods ask for, and the warm ones.
 *
 * ```typescript
 * new KarpenterNodePools("pools", {
 *   pools: [{ name: "kvm", aks: { sizes: ["Standard_D8s_v5"] } }],
 * });
 * ```
 *
 * Whoever runs Karpenter must outlive this: the pools wait for their machines, and only a controller ends those.
 *
 * Not for EKS, where `Karpenter` brings the controller too; nor for GKE, whose node auto-provisioning cannot make
 * machines with nested virtualisation: there pools are `GcpKvmNodePool`, with a least and a most of nodes.
 */
export class KarpenterNodePools extends pulumi.ComponentResource {
  /** Names of the NodePools, in the order of the argument. */
  public readonly nodePoolNames: pulumi.Output<string[]>;

  constructor(name: string, args: KarpenterNodePoolsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:KarpenterNodePools", name, args, opts);
    const plan = requirePlan("KarpenterNodePools", name, planNodePools(name, args));

    const nodePools = plan.pools.map((pool) => {
      const nodeClass = createNodeClass(this, name, pool);
      return createPool(this, name, pool, { dependsOn: nodeClass, overlay: plan.overlays });
    });

    this.nodePoolNames = pulumi.all(nodePools.map(({ metadata }) => metadata.name));
    this.registerOutputs({ nodePoolNames: this.nodePoolNames });
  }
}

function createNodeClass(
  parent: KarpenterNodePools,
  name: string,
  pool: ProvidedPool,
): CustomResource[] {
  if (pool.aksNodeClass === undefined) return [];
  return [
    new CustomResource(
      `${name}-${pool.name}-class`,
      {
        apiVersion: "karpenter.azure.com/v1beta1",
        kind: "AKSNodeClass",
        metadata: { name: pool.objectName, labels: objectLabels("karpenter", name) },
        spec: pool.aksNodeClass,
      },
      { parent, customTimeouts: { delete: `${String(pool.deletionMinutes)}m` } },
    ),
  ];
}
