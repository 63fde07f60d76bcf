import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as schedulingv1 from "@pulumi/kubernetes/scheduling/v1";
import type * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../shared/labels";
import type { PlannedPool, PlannedWarmBuffer } from "./planned-pool";
import { WARM_APP, WARM_PRIORITY } from "./warm-buffer";

/** Name of Karpenter's objects in their labels. */
const KARPENTER_APP = "karpenter";

/** What a pool stands on. */
export interface PoolSurroundings {
  /** Its class and all that lets the controller act: it outlives the pool's machines. */
  dependsOn: pulumi.Resource[];
  /** Whether to say what the machines offer. */
  overlay: boolean;
}

/**
 * Creates a pool's NodeOverlay, NodePool and warm buffer, after all that lets the controller act.
 *
 * On the way back the NodePool is deleted in the foreground: the API server keeps it until every NodeClaim that it
 * owns is gone, hence every machine, and the provider waits for that. Only then does what it depends on go, the
 * class and the controller among them. A NodePool has no finalizer of its own, so in any other way the controller
 * would be gone before the machines. (A cluster's garbage collector learns new kinds every 30 s: in a pool that is
 * removed within seconds of the definitions, an EC2NodeClass's finalizer is what waits.)
 */
export function createPool(
  parent: pulumi.Resource,
  name: string,
  pool: PlannedPool,
  { dependsOn, overlay }: PoolSurroundings,
): CustomResource {
  const before = overlay ? [...dependsOn, createOverlay(parent, name, pool, dependsOn)] : dependsOn;
  const nodePool = new CustomResource(
    `${name}-${pool.name}`,
    {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: {
        name: pool.objectName,
        labels: objectLabels(KARPENTER_APP, name),
        annotations: { "pulumi.com/deletionPropagationPolicy": "foreground" },
      },
      spec: pool.nodePool,
    },
    {
      parent,
      dependsOn: before,
      customTimeouts: { delete: `${String(pool.deletionMinutes)}m` },
    },
  );
  if (pool.warm !== undefined) createWarmBuffer(parent, name, pool.name, pool.warm, nodePool);
  return nodePool;
}

function createOverlay(
  parent: pulumi.Resource,
  name: string,
  pool: PlannedPool,
  dependsOn: pulumi.Resource[],
): CustomResource {
  return new CustomResource(
    `${name}-${pool.name}-overlay`,
    {
      apiVersion: "karpenter.sh/v1alpha1",
      kind: "NodeOverlay",
      metadata: { name: pool.objectName, labels: objectLabels(KARPENTER_APP, name) },
      spec: pool.overlay,
    },
    { parent, dependsOn },
  );
}

function createWarmBuffer(
  parent: pulumi.Resource,
  name: string,
  pool: string,
  warm: PlannedWarmBuffer,
  nodePool: CustomResource,
): void {
  const labels = objectLabels(WARM_APP, warm.objectName);
  const priority = new schedulingv1.PriorityClass(
    `${name}-${pool}-warm`,
    {
      metadata: { name: warm.objectName, labels },
      value: WARM_PRIORITY,
      globalDefault: false,
      preemptionPolicy: "Never",
      description: "Holds warm KVM nodes until any other pod wants them",
    },
    { parent },
  );
  new appsv1.Deployment(
    `${name}-${pool}-warm`,
    {
      metadata: {
        name: warm.objectName,
        namespace: warm.namespace,
        labels,
        // Its pods wait for machines by design: for minutes, or as long as guests take the last one.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: warm.deployment,
    },
    { parent, dependsOn: [priority, nodePool] },
  );
}
