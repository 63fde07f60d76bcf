import { selectorLabels } from "../shared/labels";
import { workerTolerations, type NodeContract, type Toleration } from "../shared/node-contract";
import type { KarpenterTaint, KarpenterWarmBuffer } from "./pool-args";

/** What the pods that hold a pool's warm nodes are made of. */
export interface WarmPods {
  contract: NodeContract;
  /** Value of the nodes' pool label. */
  pool: string;
  /** Instance of the component, for the labels that select the pods. */
  instance: string;
  /** Rights to open /dev/kvm that a node of the pool has. */
  nodeKvmUnits: number;
  priorityClassName: string;
  taints: readonly KarpenterTaint[];
  warm: KarpenterWarmBuffer;
}

/** Name of the pods in their labels. */
export const WARM_APP = "karpenter-warm-buffer";

/** Below every pod that does anything: the default of all others is 0. Karpenter counts such pods all the same. */
export const WARM_PRIORITY = -10;

/**
 * The spec of a Deployment whose pods hold one node each. They select the pool and never an asset set: that label
 * comes only once a node is proven, and Karpenter makes no node for a label that its pool does not promise.
 */
export function warmDeployment({ contract, pool, instance, warm, ...rest }: WarmPods) {
  const labels = selectorLabels(WARM_APP, instance);
  const units = warm.kvmUnits ?? Math.max(1, Math.floor(rest.nodeKvmUnits * 0.9));
  const kvm = { [contract.kvmResource]: String(units) };
  return {
    replicas: warm.nodes,
    revisionHistoryLimit: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        affinity: oneEachNode(labels),
        automountServiceAccountToken: false,
        containers: [
          {
            name: "hold",
            image: warm.image,
            resources: {
              limits: { memory: "16Mi", ...kvm },
              requests: { cpu: warm.cpu ?? "1", memory: "16Mi", ...kvm },
            },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ["ALL"] },
              readOnlyRootFilesystem: true,
            },
          },
        ],
        enableServiceLinks: false,
        nodeSelector: { [contract.capabilityLabel]: "true", [contract.poolLabel]: pool },
        priorityClassName: rest.priorityClassName,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65535,
          runAsGroup: 65535,
          seccompProfile: { type: "RuntimeDefault" },
        },
        // It holds nothing: whoever displaces it need not wait.
        terminationGracePeriodSeconds: 0,
        tolerations: [...workerTolerations(contract), ...rest.taints.map(toleration)],
      },
    },
  };
}

function oneEachNode(matchLabels: Record<string, string>) {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels }, topologyKey: "kubernetes.io/hostname" },
      ],
    },
  };
}

function toleration({ key, value, effect }: KarpenterTaint): Toleration {
  const of = { key, effect: effect ?? "NoSchedule" };
  return value === undefined ? { ...of, operator: "Exists" } : { ...of, operator: "Equal", value };
}
