import type { Input } from "@pulumi/pulumi";
import { KvmAccess } from "../kvm-node-pool/catalogue/machine";
import { planned, type Planned } from "../shared/faults";
import { nodeContract, type Toleration } from "../shared/node-contract";
import type { KarpenterArgs, KarpenterImageFamily, KarpenterPool } from "./args";
import { architecturesOf, imageFamilyOf } from "./aws-pool-faults";
import { karpenterFaults } from "./faults";
import type { Requirement } from "./node-pool";
import { planPool, poolObjectName, type PlannedPool } from "./planned-pool";
import { poolUserData } from "./user-data";
import { KARPENTER_VERSION } from "./versions";

/** Karpenter, with every default filled in. */
export interface KarpenterPlan {
  chartRepository: string;
  chartTimeoutSeconds: number;
  cpu: string;
  isolatedVpc: boolean;
  memory: string;
  namespace: string;
  nodePolicyArns: string[];
  nodeSelector: Record<string, string>;
  pools: PlannedAwsPool[];
  replicas: number;
  tags: Record<string, string>;
  tolerations: Toleration[];
  version: string;
  zonalShift: boolean;
}

/** A pool of machines of EC2. */
export interface PlannedAwsPool extends PlannedPool {
  imageFamily: KarpenterImageFamily;
  pool: KarpenterPool;
  userData: Input<string>;
}

const defaults = Object.freeze({
  chartRepository: "oci://public.ecr.aws/karpenter",
  chartTimeoutSeconds: 600,
  cpu: "1",
  memory: "1Gi",
  namespace: "kube-system",
  replicas: 2,
  tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
});

/** Plans Karpenter, or names everything that is wrong with its arguments. */
export function planKarpenter(name: string, args: KarpenterArgs): Planned<KarpenterPlan> {
  return planned(karpenterFaults(name, args), () => ({
    chartRepository: args.chartRepository ?? defaults.chartRepository,
    chartTimeoutSeconds: args.chartTimeoutSeconds ?? defaults.chartTimeoutSeconds,
    cpu: args.resources?.cpu ?? defaults.cpu,
    isolatedVpc: args.isolatedVpc ?? false,
    memory: args.resources?.memory ?? defaults.memory,
    namespace: args.namespace ?? defaults.namespace,
    nodePolicyArns: args.nodePolicyArns ?? [],
    nodeSelector: args.nodeSelector ?? {},
    pools: args.pools.flatMap((pool) => planAwsPool(name, pool, args.domain)),
    replicas: args.replicas ?? defaults.replicas,
    tags: args.tags ?? {},
    tolerations: args.tolerations ?? defaults.tolerations,
    version: args.version ?? KARPENTER_VERSION,
    zonalShift: args.zonalShift ?? true,
  }));
}

function planAwsPool(name: string, pool: KarpenterPool, domain?: string): PlannedAwsPool[] {
  const imageFamily = imageFamilyOf(pool);
  if (imageFamily === undefined) return [];
  const nodeClassRef = {
    group: "karpenter.k8s.aws",
    kind: "EC2NodeClass",
    name: poolObjectName(name, pool.name),
  };
  const shared = planPool(name, pool, nodeContract(domain), nodeClassRef, requirements(pool));
  return [{ ...shared, imageFamily, pool, userData: poolUserData(pool, imageFamily) }];
}

/** Every metal size that EC2 has. Source: https://karpenter.sh/docs/reference/instance-types/ (2026-08-21) */
const METAL_SIZES = ["metal", "metal-16xl", "metal-24xl", "metal-32xl", "metal-48xl", "metal-96xl"];

/**
 * Karpenter takes metal machines only where nothing else would do, and no label tells which machine can nest: so a
 * metal pool names metal sizes, and a nested one names families and no metal size; its class filters the rest.
 */
function requirements(pool: KarpenterPool): Requirement[] {
  const { instanceFamilies, instanceSizes, kvm, minCpus } = pool;
  const sizes: Requirement = {
    key: "karpenter.k8s.aws/instance-size",
    operator: instanceSizes === undefined && kvm === KvmAccess.Nested ? "NotIn" : "In",
    values: [...(instanceSizes ?? METAL_SIZES)],
  };
  const all: Requirement[] = [
    { key: "kubernetes.io/arch", operator: "In", values: architecturesOf(pool) },
    { key: "karpenter.k8s.aws/instance-family", operator: "In", values: [...instanceFamilies] },
    sizes,
  ];
  if (minCpus !== undefined) {
    const key = "karpenter.k8s.aws/instance-cpu";
    all.push({ key, operator: "Gt", values: [String(minCpus - 1)] });
  }
  return all;
}
