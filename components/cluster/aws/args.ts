import type { Input } from "@pulumi/pulumi";
import type { AwsNetworkRef } from "../../network/network-ref";

/** What an access entry may do, as EKS's own access policies. */
export const AwsAccessPolicy = {
  /** Everything, in the whole cluster. */
  ClusterAdmin: "AmazonEKSClusterAdminPolicy",
  /** Most of a namespace, its roles included. */
  Admin: "AmazonEKSAdminPolicy",
  /** Reading everything, Secrets included. */
  AdminView: "AmazonEKSAdminViewPolicy",
  /** Writing most of a namespace. */
  Edit: "AmazonEKSEditPolicy",
  /** Reading most of a namespace, but Secrets. */
  View: "AmazonEKSViewPolicy",
} as const;
export type AwsAccessPolicy = (typeof AwsAccessPolicy)[keyof typeof AwsAccessPolicy];

/** One IAM principal that may use the API server. */
export interface AwsAccessEntry {
  /** Word for the logical name: a-z, 0-9 and -. An entry that is renamed meets its old self: remove it in one update, add it in the next. */
  name: string;
  /** ARN of an IAM role or user; never of a session of it (`arn:aws:sts::...`). */
  principalArn: Input<string>;
  /** Kubernetes groups that your own role bindings name. Defaults to none. */
  groups?: string[];
  /** Namespaces that `policy` is for. Defaults to all. */
  namespaces?: string[];
  /** Access policy. Defaults to none: `groups` then say what it may do. */
  policy?: AwsAccessPolicy;
}

/**
 * Exact versions of the add-ons. EKS builds them anew every few weeks, so no default of ours would stay right. These are
 * printed by `aws eks describe-addon-versions --kubernetes-version 1.36 --addon-name vpc-cni`.
 */
export interface AwsAddOnVersions {
  /** Version of `coredns`, as in `v1.14.3-eksbuild.16`. */
  coreDns: string;
  /** Version of `aws-ebs-csi-driver`, as in `v1.63.1-eksbuild.1`. */
  ebsCsiDriver: string;
  /** Version of `kube-proxy`, as in `v1.36.0-eksbuild.21`: not newer than the control plane. */
  kubeProxy: string;
  /** Version of `eks-pod-identity-agent`, as in `v1.3.10-eksbuild.3`. */
  podIdentityAgent: string;
  /** Version of `vpc-cni`, as in `v1.22.4-eksbuild.3`. */
  vpcCni: string;
}

/** The operating system of nodes that EKS manages. */
export const AwsNodeImage = {
  /** Amazon Linux 2023 for x86-64. */
  Al2023: "AL2023_x86_64_STANDARD",
  /** Amazon Linux 2023 for Arm. */
  Al2023Arm: "AL2023_ARM_64_STANDARD",
  /** Bottlerocket for x86-64: read-only root, no shell. */
  Bottlerocket: "BOTTLEROCKET_x86_64",
  /** Bottlerocket for Arm. */
  BottlerocketArm: "BOTTLEROCKET_ARM_64",
} as const;
export type AwsNodeImage = (typeof AwsNodeImage)[keyof typeof AwsNodeImage];

/** A pool of nodes that the cluster brings along, run by EKS: the system pool, or that of services. Runs no microVMs. */
export interface AwsClusterPool {
  /**
   * Exact release of the node image: `1.36.2-20260812` for Amazon Linux, `1.57.0-8a1b2c3d` for Bottlerocket. The newest
   * is in the parameter store, under `/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/release_version`.
   */
  releaseVersion: string;
  /** Size of a node's disk in GiB. Defaults to 50. */
  diskGib?: number;
  /** Image of the nodes. Defaults to `AwsNodeImage.Al2023`. */
  image?: AwsNodeImage;
  /** Instance types, all of the image's architecture. Defaults to `m6i.large`, for Arm to `m6g.large`. */
  instanceTypes?: string[];
  /** Minor version of the nodes, for an upgrade in two steps. Defaults to that of the release for Amazon Linux, to the cluster's for Bottlerocket. */
  kubernetesVersion?: string;
  /** The most nodes. Defaults to 4 of the system, 6 of services. */
  maxNodes?: number;
  /** The fewest nodes, at least 2, spread over the subnets. Defaults to 2 of the system, 3 of services. */
  minNodes?: number;
  /** Whether nodes can be entered through Session Manager. Defaults to false. */
  sessionManager?: boolean;
}

/** What EKS does when standard support of a version ends. */
export const AwsSupportType = {
  /** Upgrades the control plane by itself. */
  Standard: "STANDARD",
  /** Bills extended support, for up to 12 months. */
  Extended: "EXTENDED",
} as const;
export type AwsSupportType = (typeof AwsSupportType)[keyof typeof AwsSupportType];

/** What an EKS cluster is made of. */
export interface AwsClusterArgs {
  /** Who may use the API server; at least one with `ClusterAdmin`: whoever runs this program. */
  accessEntries: AwsAccessEntry[];
  /** Versions of the add-ons. */
  addOns: AwsAddOnVersions;
  /** Minor version of the control plane, as in `1.36`. Goes up by one at a time. */
  kubernetesVersion: string;
  /** Network that cluster and system pool are in. */
  network: AwsNetworkRef;
  /** Nodes for what the cluster itself needs: CoreDNS, the CSI controller, Karpenter. Only what tolerates `CriticalAddonsOnly` runs there. */
  systemPool: AwsClusterPool;
  /** Name of the cluster, and what names of roles, key and log group begin with: once an account and region. Defaults to the component's logical name. */
  clusterName?: string;
  /** Whether cluster, key and logs are guarded against deletion. Defaults to true. Switch it off and update before a destroy. */
  deletionProtection?: boolean;
  /** ARN of a KMS key for secrets and logs. Its policy has to let CloudWatch Logs use it for `/aws/eks/CLUSTER/cluster`. Defaults to a key of its own, rotated each year. */
  encryptionKeyArn?: Input<string>;
  /** Whether an IAM OpenID Connect provider is made, for roles for service accounts. Defaults to false: Pod Identity needs none. */
  irsa?: boolean;
  /** ARN of a role that the kubeconfig's user assumes. Defaults to none: the user's own identity. */
  kubeconfigRoleArn?: Input<string>;
  /** Days that the control plane's logs are kept: a number that CloudWatch knows. Defaults to 90. */
  logRetentionDays?: number;
  /** Ranges beside the cluster's own nodes that reach the private endpoint, such as a VPN's. Defaults to none. */
  privateAccessCidrs?: string[];
  /** Ranges that reach a public endpoint. Defaults to none: there is no public endpoint. */
  publicAccessCidrs?: string[];
  /** Range of the Services' addresses, outside every network the pods talk to. Defaults to `172.20.0.0/16`. */
  serviceCidr?: string;
  /**
   * Nodes for ordinary pods: untainted, so that whatever asks for no other nodes runs there. Without, such pods wait for
   * nodes of your own: system and KVM pools are tainted. Defaults to none.
   */
  servicesPool?: AwsClusterPool;
  /** What happens when standard support of the version ends. Defaults to `AwsSupportType.Standard`. */
  supportType?: AwsSupportType;
  /** Tags of everything that takes tags. Defaults to none. */
  tags?: Record<string, string>;
  /** Opens the public endpoint to the whole internet. Defaults to false. */
  unsafePublicAccessFromAnywhere?: boolean;
  /** Whether AWS may shift traffic away from a zone that fails. Defaults to true. */
  zonalShift?: boolean;
}
