import type { Input } from "@pulumi/pulumi";
import { objectName } from "../shared/names";
import type { NodeContract } from "../shared/node-contract";
import {
  DEFAULT_KVM_UNITS,
  deletionMinutes,
  nodeOverlaySpec,
  nodePoolSpec,
  type NodeClassRef,
  type Requirement,
} from "./node-pool";
import type { CommonPool } from "./pool-faults";
import { warmDeployment } from "./warm-buffer";

/** Everything that the objects of one pool say, but for its class. */
export interface PlannedPool {
  /** Name within the component. */
  name: string;
  /** Name of the NodePool, its class and its overlay. */
  objectName: string;
  /** How long the NodePool may take to go. */
  deletionMinutes: number;
  nodePool: ReturnType<typeof nodePoolSpec>;
  overlay: ReturnType<typeof nodeOverlaySpec>;
  warm: PlannedWarmBuffer | undefined;
}

/** The pods that hold a pool's warm nodes. */
export interface PlannedWarmBuffer {
  deployment: ReturnType<typeof warmDeployment>;
  /** Name of the Deployment and of its priority class. */
  objectName: string;
  namespace: Input<string>;
}

/** Name of the Kubernetes objects of a pool. */
export function poolObjectName(component: string, pool: string): string {
  return objectName([component, pool]);
}

/** Renders the objects of one pool, whatever the cloud. */
export function planPool(
  component: string,
  pool: CommonPool,
  contract: NodeContract,
  nodeClassRef: NodeClassRef,
  requirements: readonly Requirement[],
): PlannedPool {
  const { scaling = {}, labels = {}, taints = [], kvmUnits = DEFAULT_KVM_UNITS } = pool;
  const name = poolObjectName(component, pool.name);
  return {
    name: pool.name,
    objectName: name,
    deletionMinutes: deletionMinutes(scaling),
    nodePool: nodePoolSpec({ name, contract, labels, nodeClassRef, requirements, scaling, taints }),
    overlay: nodeOverlaySpec(contract, name, kvmUnits),
    warm: planWarmBuffer(component, pool, contract),
  };
}

function planWarmBuffer(
  component: string,
  pool: CommonPool,
  contract: NodeContract,
): PlannedWarmBuffer | undefined {
  const { warm, taints = [], kvmUnits: nodeKvmUnits = DEFAULT_KVM_UNITS } = pool;
  if (warm === undefined) return undefined;
  const name = objectName([component, pool.name, "warm"]);
  const content = { contract, warm, taints, nodeKvmUnits };
  return {
    objectName: name,
    namespace: warm.namespace,
    deployment: warmDeployment({
      ...content,
      pool: poolObjectName(component, pool.name),
      instance: name,
      priorityClassName: name,
    }),
  };
}
