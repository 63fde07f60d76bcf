import type { Input } from "@pulumi/pulumi";
import type { Toleration } from "../shared/node-contract";

/** Name of the controller's Helm release and of its service account, which Pod Identity looks for. */
export const KARPENTER_RELEASE = "karpenter";
/** Name of the release of the custom resource definitions. */
export const KARPENTER_CRD_RELEASE = "karpenter-crd";

/** What the controller's chart is told. */
export interface ChartContent {
  clusterEndpoint: Input<string>;
  clusterName: Input<string>;
  cpu: string;
  isolatedVpc: boolean;
  memory: string;
  nodeSelector: Readonly<Record<string, string>>;
  queueName: Input<string>;
  replicas: number;
  tolerations: readonly Toleration[];
  zonalShift: boolean;
}

/**
 * The values of the chart `karpenter`: replicas on different nodes, none of them Karpenter's own (it would remove
 * the node it runs on), one down at a time. NodeOverlays are on: they tell which machines offer /dev/kvm.
 * Source: https://github.com/aws/karpenter-provider-aws/blob/v1.14.1/charts/karpenter/values.yaml
 */
export function chartValues(content: ChartContent) {
  return {
    replicas: content.replicas,
    serviceAccount: { create: true, name: KARPENTER_RELEASE },
    podDisruptionBudget: { name: KARPENTER_RELEASE, maxUnavailable: 1 },
    priorityClassName: "system-cluster-critical",
    nodeSelector: { "kubernetes.io/os": "linux", ...content.nodeSelector },
    tolerations: content.tolerations.map((toleration) => ({ ...toleration })),
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "karpenter.sh/nodepool", operator: "DoesNotExist" }] },
          ],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }],
      },
    },
    controller: {
      resources: {
        requests: { cpu: content.cpu, memory: content.memory },
        limits: { memory: content.memory },
      },
    },
    settings: {
      clusterName: content.clusterName,
      clusterEndpoint: content.clusterEndpoint,
      eksControlPlane: true,
      enableZonalShift: content.zonalShift,
      interruptionQueue: content.queueName,
      isolatedVPC: content.isolatedVpc,
      featureGates: { nodeOverlay: true },
    },
  };
}
