import type { Input } from "@pulumi/pulumi";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import type { HostProfile } from "../host-profile/host-profile";
import type { KvmAccess } from "../kvm-node-pool/catalogue/machine";
import type { MachineArchitecture } from "../shared/machine-architecture";
import type { Toleration } from "../shared/node-contract";
import type { KarpenterScaling, KarpenterTaint, KarpenterWarmBuffer } from "./pool-args";

/** Which operating system an image has: it decides how a node is told what to do when it boots. */
export const KarpenterImageFamily = {
  /** Amazon Linux 2023: boot data is a MIME archive of scripts. */
  AmazonLinux2023: "AL2023",
  /** Bottlerocket: boot data is settings in TOML; no script runs. */
  Bottlerocket: "Bottlerocket",
} as const;
export type KarpenterImageFamily = (typeof KarpenterImageFamily)[keyof typeof KarpenterImageFamily];

/** The disk of a node: gp3, always encrypted. */
export interface KarpenterVolume {
  /** Operations a second, 3000 to 16000. Defaults to 3000. */
  iops?: number;
  /** ARN of the key that encrypts the disk. Defaults to the account's own key for EBS. */
  kmsKeyArn?: Input<string>;
  /** Size in GiB. Defaults to 100. */
  sizeGib?: number;
  /** MiB a second, 125 to 1000. Defaults to 250. */
  throughputMibps?: number;
}

/** A pool of KVM machines that Karpenter starts and ends as pods need them. */
export interface KarpenterPool {
  /**
   * What the machines boot, pinned: an alias with its version, as in "al2023@v20260801" and
   * "bottlerocket@v1.40.0", or the id of an AMI. An edit replaces the nodes, one at a time.
   */
  image: string;
  /**
   * Instance families, as in "m8i" and "c8i-flex", all of one architecture; the more, the more likely that one is
   * to be had. Nested virtualisation is for newer Intel families only.
   */
  instanceFamilies: string[];
  /** How the machines come by /dev/kvm: metal ones take 5 to 25 minutes to start, nested ones about one. */
  kvm: KvmAccess;
  /** Name of the pool, within the component. */
  name: string;
  /**
   * Vouches that all families give KVM in this way, and for their architecture: for families that the catalogue
   * does not list yet. Defaults to what the catalogue knows.
   */
  declaredArchitecture?: MachineArchitecture;
  /** What a node is below Kubernetes; Bottlerocket takes a part of it. Defaults to what {@link HostProfile} says. */
  hostProfile?: HostProfile;
  /** The image's operating system; only with the id of an AMI, which does not tell. Defaults to the alias's. */
  imageFamily?: KarpenterImageFamily;
  /** Sizes, as in "4xlarge". Defaults to every size that runs KVM this way. */
  instanceSizes?: string[];
  /** Rights to open /dev/kvm that a node has: what the device plugin offers. Defaults to 100. */
  kvmUnits?: number;
  /** Further labels of the nodes. Defaults to none. */
  labels?: Record<string, string>;
  /** The least CPUs of a machine. Defaults to any. */
  minCpus?: number;
  /** How far the pool grows, and when its nodes go. Defaults to what {@link KarpenterScaling} says. */
  scaling?: KarpenterScaling;
  /** Further taints, beside the worker taint. Defaults to none. */
  taints?: KarpenterTaint[];
  /**
   * What a node does when it boots, in place of the host profile: MIME or a script with AL2023, TOML with Bottlerocket.
   * Defaults to the host profile.
   */
  userData?: Input<string>;
  /** The nodes' disk. Defaults to what {@link KarpenterVolume} says. */
  volume?: KarpenterVolume;
  /** Nodes that stand ready for the next guests. Defaults to none. */
  warm?: KarpenterWarmBuffer;
}

/** What the controller gets. */
export interface KarpenterResources {
  /** Cores that are kept free for each replica. Defaults to "1". */
  cpu?: string;
  /** Memory that is kept free for, and at most used by, each replica. Defaults to "1Gi". */
  memory?: string;
}

/** Arguments of {@link Karpenter}. */
export interface KarpenterArgs {
  /** The cluster. */
  cluster: AwsClusterRef;
  /** The pools. */
  pools: KarpenterPool[];
  /** Where the charts come from. Defaults to "oci://public.ecr.aws/karpenter". */
  chartRepository?: string;
  /** How long a chart may take until it is ready, in seconds. Defaults to 600. */
  chartTimeoutSeconds?: number;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /**
   * The network has no way to services of AWS without an endpoint in it, IAM and prices among them: makes the
   * nodes' instance profile here, and keeps Karpenter from asking. Defaults to false.
   */
  isolatedVpc?: boolean;
  /** Minor version of the cluster, checked against Karpenter's. Defaults to the cluster's, where it is plain text. */
  kubernetesVersion?: string;
  /** Namespace of the controller. Defaults to "kube-system". */
  namespace?: string;
  /** ARNs of further policies of the nodes, an IPv6 cluster's own for the CNI among them. Defaults to none. */
  nodePolicyArns?: string[];
  /** Labels of the nodes that the controller runs on: the system pool's. Defaults to any Linux node. */
  nodeSelector?: Record<string, string>;
  /** How many controllers there are; one works, the others wait. Defaults to 2. */
  replicas?: number;
  /** What each controller gets. Defaults to what {@link KarpenterResources} says. */
  resources?: KarpenterResources;
  /**
   * Tags that the security groups of the nodes carry. Defaults to the cluster's own security group, by its id.
   */
  securityGroupTags?: Record<string, Input<string>>;
  /** Tags that the nodes' subnets carry. Defaults to `karpenter.sh/discovery` with the cluster's name. */
  subnetTags?: Record<string, Input<string>>;
  /** Tags of everything made here, the machines included. Defaults to none. */
  tags?: Record<string, string>;
  /** Taints that the controller tolerates: the system pool's. Defaults to "CriticalAddonsOnly". */
  tolerations?: Toleration[];
  /** Version of Karpenter and its charts, exact. Defaults to "1.14.1". */
  version?: string;
  /** Heeds zonal shifts of the cluster. Defaults to true. */
  zonalShift?: boolean;
}
