import type { Input } from "@pulumi/pulumi";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import type { Toleration } from "../shared/node-contract";

/** Which of several pools that would do is made larger. */
export const AutoscalerExpander = {
  /** The one that leaves the least CPU over. */
  LeastWaste: "least-waste",
  /** Any. */
  Random: "random",
  /** The one that most pods fit. */
  MostPods: "most-pods",
} as const;
/** See the members of the constant of the same name. */
export type AutoscalerExpander = (typeof AutoscalerExpander)[keyof typeof AutoscalerExpander];

/** How the autoscaler behaves, whatever makes its machines. */
export interface AutoscalerSettings {
  /** Which pool is made larger. Defaults to `AutoscalerExpander.LeastWaste`. */
  expander?: AutoscalerExpander;
  /** How long a machine may take until it is a node, in minutes. Defaults to 30: metal takes 5 to 25. */
  maxNodeProvisionMinutes?: number;
  /** Labels of the nodes that the autoscaler runs on: the system pool's. Defaults to any Linux node. */
  nodeSelector?: Record<string, string>;
  /** How many autoscalers there are; one works, the others wait. Defaults to 2. */
  replicas?: number;
  /** How long a node must have been idle before it goes, in minutes. Defaults to 10. */
  scaleDownUnneededMinutes?: number;
  /** Taints that the autoscaler tolerates: the system pool's. Defaults to "CriticalAddonsOnly". */
  tolerations?: Toleration[];
}

/** Arguments of {@link AwsClusterAutoscaler}. */
export interface AwsClusterAutoscalerArgs {
  /** The cluster. */
  cluster: AwsClusterRef;
  /** Where the chart comes from. Defaults to "https://kubernetes.github.io/autoscaler". */
  chartRepository?: string;
  /** Version of the chart, exact. Defaults to "9.59.0", whose autoscaler is 1.35.0. */
  chartVersion?: string;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /** Namespace of the autoscaler. Defaults to "kube-system". */
  namespace?: string;
  /** How the autoscaler behaves. Defaults to what {@link AutoscalerSettings} says. */
  settings?: AutoscalerSettings;
  /** Tags of everything made here. Defaults to none. */
  tags?: Record<string, string>;
}

/** Arguments of {@link ClusterAutoscaler}. */
export interface ClusterAutoscalerArgs {
  /** Address of the service that starts and ends machines, as in "machines.example.com:8086"; with TLS. */
  address: string;
  /**
   * Name of a Secret in the autoscaler's namespace with the keys `ca.crt`, `tls.crt` and `tls.key`: how the two
   * know each other. Whoever reaches the service without it could end every machine.
   */
  tlsSecretName: Input<string>;
  /** Where the chart comes from. Defaults to "https://kubernetes.github.io/autoscaler". */
  chartRepository?: string;
  /** Version of the chart, exact. Defaults to "9.59.0", whose autoscaler is 1.35.0. */
  chartVersion?: string;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /** Namespace of the autoscaler. Defaults to "kube-system". */
  namespace?: string;
  /** How the autoscaler behaves. Defaults to what {@link AutoscalerSettings} says. */
  settings?: AutoscalerSettings;
}
