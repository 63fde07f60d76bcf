import {
  DEFAULT_DOMAIN,
  nodeContract,
  type NodeContract,
} from "../../components/shared/node-contract";
import type { KubeObject } from "../kube/objects";
import { LAB_ZONES } from "./node-manifests";

/** What a simulated node pool of Karpenter looks like. */
export interface KvmNodePoolOptions {
  /** Defaults to the default domain's. */
  contract?: NodeContract;
  /** How long a node may stand empty until it is removed. Defaults to 1. */
  consolidateAfterSeconds?: number;
  /** Most CPUs that all nodes of the pool may have together. Defaults to 64. */
  cpuLimit?: number;
  /** Further labels of the pool's nodes. Defaults to none. */
  labels?: Record<string, string>;
}

const KWOK_GROUP = "karpenter.kwok.sh";

/**
 * A KWOKNodeClass and a NodePool, both called `name`, whose nodes promise what every KVM pool does: the
 * capability label, the pool label, the worker taint, and the startup taint that the provisioner removes.
 */
export function kvmNodePool(name: string, options: KvmNodePoolOptions = {}): KubeObject[] {
  const { contract = nodeContract(), cpuLimit = 64, labels = {} } = options;
  const nodeLabels = {
    [contract.capabilityLabel]: "true",
    [contract.poolLabel]: name,
    ...labels,
  };
  return [
    { apiVersion: `${KWOK_GROUP}/v1alpha1`, kind: "KWOKNodeClass", metadata: { name }, spec: {} },
    {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name },
      spec: {
        template: {
          metadata: { labels: nodeLabels },
          spec: {
            nodeClassRef: { group: KWOK_GROUP, kind: "KWOKNodeClass", name },
            requirements: [
              { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
              { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
            ],
            taints: [{ key: contract.workerTaint, value: "true", effect: "NoSchedule" }],
            startupTaints: [{ key: contract.startupTaint, effect: "NoSchedule" }],
            expireAfter: "Never",
          },
        },
        disruption: {
          consolidationPolicy: "WhenEmpty",
          consolidateAfter: `${options.consolidateAfterSeconds ?? 1}s`,
          budgets: [{ nodes: "100%" }],
        },
        limits: { cpu: String(cpuLimit) },
      },
    },
  ];
}

/** An instance type as the KWOK cloud provider reads it; the capital letters are its own. */
export interface InstanceType {
  name: string;
  architecture: string;
  operatingSystems: string[];
  resources: Record<string, string>;
  offerings: {
    Price: number;
    Available: boolean;
    Requirements: { key: string; operator: string; values: string[] }[];
  }[];
}

const CPU_COUNTS = [4, 8, 16] as const;
const DOLLARS_PER_CPU_HOUR = 0.05;
const SPOT_PRICE_RATIO = 0.4;

/**
 * What simulated machines there are to choose from: 4, 8 or 16 CPUs with 4 GiB each, both architectures, the
 * lab's zones. All offer the device plugin's resource of each domain: on a resource that no instance type
 * offers Karpenter gives up, for the pod that asks for it and for every pod next to a DaemonSet that does.
 */
export function instanceTypes(domains: readonly string[] = [DEFAULT_DOMAIN]): InstanceType[] {
  const kvm = Object.fromEntries(
    domains.map((domain) => [nodeContract(domain).kvmResource, "100"]),
  );
  return ["amd64", "arm64"].flatMap((architecture) =>
    CPU_COUNTS.map((cpus) => ({
      name: `lab.${cpus}x-${architecture}`,
      architecture,
      operatingSystems: ["linux"],
      resources: {
        cpu: String(cpus),
        memory: `${4 * cpus}Gi`,
        pods: "110",
        "ephemeral-storage": "200Gi",
        ...kvm,
      },
      offerings: LAB_ZONES.flatMap((zone) => [
        offering(zone, "on-demand", DOLLARS_PER_CPU_HOUR * cpus),
        offering(zone, "spot", DOLLARS_PER_CPU_HOUR * SPOT_PRICE_RATIO * cpus),
      ]),
    })),
  );
}

function offering(zone: string, capacityType: string, price: number) {
  return {
    Price: price,
    Available: true,
    Requirements: [
      { key: "karpenter.sh/capacity-type", operator: "In", values: [capacityType] },
      { key: "topology.kubernetes.io/zone", operator: "In", values: [zone] },
    ],
  };
}
