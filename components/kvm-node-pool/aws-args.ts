import type { Input } from "@pulumi/pulumi";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import type { HostProfile } from "../host-profile/host-profile";
import type { Taint } from "../shared/kvm-nodes";
import type { DeclaredMachine } from "./catalogue/machine";

/** Who launches a pool's machines. */
export const AwsNodeGroup = {
  /** An Auto Scaling group of our own: the only one of the three that gives nested machines `/dev/kvm`. */
  SelfManaged: "self-managed",
  /** An EKS managed node group; for metal machines alone, since EKS drops the option that nesting needs. */
  Managed: "managed",
  /** EKS Auto Mode, whose nodes have no nested virtualisation: refused for a KVM pool. */
  AutoMode: "auto-mode",
} as const;
/** See the members of the constant of the same name. */
export type AwsNodeGroup = (typeof AwsNodeGroup)[keyof typeof AwsNodeGroup];

/** The system of an EKS node. */
export const AwsImageFamily = {
  /** Amazon Linux 2023, set up by nodeadm. */
  AmazonLinux2023: "al2023",
  /** Bottlerocket, set up by its settings; it runs no script. */
  Bottlerocket: "bottlerocket",
  /** Amazon Linux 2, whose kernel (5.10) is too old: refused for a KVM pool. */
  AmazonLinux2: "al2",
} as const;
/** See the members of the constant of the same name. */
export type AwsImageFamily = (typeof AwsImageFamily)[keyof typeof AwsImageFamily];

/** How running nodes are replaced when the launch template changes. EC2 ends them without draining. */
export interface AwsInstanceRefresh {
  /** The least share of nodes that stays, in per cent. Defaults to 90. */
  minHealthyPercentage?: number;
  /** How long a new node may take until the next one is replaced, in seconds. Defaults to the grace of its health check. */
  warmupSeconds?: number;
}

/** Machines that were started once, and wait stopped. */
export interface AwsWarmPool {
  /** The most machines, running ones included. Defaults to `maxNodes`. */
  maxPreparedNodes?: number;
  /** The least machines that wait. Defaults to 1. */
  minNodes?: number;
}

/** Arguments of {@link AwsKvmNodePool}. */
export interface AwsKvmNodePoolArgs {
  /** The cluster that the nodes join. */
  cluster: AwsClusterRef;
  /** Id of the image, as in `ami-0123456789abcdef0`: never an alias, which would change nodes by itself. */
  imageId: Input<string>;
  /** Subnets that the nodes stand in, one a zone. */
  subnetIds: Input<Input<string>[]>;
  /** Id of a capacity reservation to use. Defaults to none. */
  capacityReservationId?: Input<string>;
  /** Metrics of the machines every minute, at a price. Defaults to false. */
  detailedMonitoring?: boolean;
  /** Size of each node's disk in GiB. Defaults to 100. */
  diskGib?: number;
  /** ARN of the KMS key that encrypts the nodes' disks; the Auto Scaling role must be let use it. Defaults to AWS' own. */
  diskKmsKeyArn?: Input<string>;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /** How long a new machine is not judged, in seconds. Defaults to 300, with metal machines to 1800. */
  healthCheckGraceSeconds?: number;
  /** What the host is to look like. Defaults to what {@link HostProfile} says. */
  hostProfile?: HostProfile;
  /** The nodes' system. Defaults to `AwsImageFamily.AmazonLinux2023`. */
  imageFamily?: AwsImageFamily;
  /** Replaces running nodes when the launch template changes. Defaults to none: new nodes alone are new. */
  instanceRefresh?: AwsInstanceRefresh;
  /** Types of the machines, the dearest wish first, all metal or all nested; needed unless `machines` are given. Defaults to none. */
  instanceTypes?: string[];
  /** How many units of `DOMAIN/kvm` a node will offer, as the autoscaler is told. Defaults to 100. */
  kvmUnits?: number;
  /** Further labels of the nodes, beside the contract's. Defaults to none. */
  labels?: Record<string, string>;
  /** Machines that the catalogue does not list. Defaults to none. */
  machines?: DeclaredMachine[];
  /** The longest life of a machine in days, 1 to 365. Defaults to no limit. */
  maxInstanceLifetimeDays?: number;
  /** The most nodes; more than `minNodes` hands the number to the autoscaler. Defaults to `minNodes`. */
  maxNodes?: number;
  /** The least nodes. Defaults to 1. */
  minNodes?: number;
  /** Who launches the machines. Defaults to `AwsNodeGroup.SelfManaged`. */
  nodeGroup?: AwsNodeGroup;
  /** Name of a placement group. Defaults to none. */
  placementGroupName?: Input<string>;
  /** Security groups beside the cluster's own. Defaults to none. */
  securityGroupIds?: Input<Input<string>[]>;
  /** Uses machines that AWS may take back any time. Defaults to false. */
  spot?: boolean;
  /** Lets Systems Manager reach the nodes, for a shell without SSH. Defaults to false. */
  ssm?: boolean;
  /** Tags of all that is made. Defaults to none. */
  tags?: Record<string, string>;
  /** Further taints of the nodes, beside the contract's. Defaults to none. */
  taints?: Taint[];
  /**
   * Lets the nodes' role set up the pods' network, for a cluster whose VPC CNI has no role of its own, as it has in
   * `AwsCluster`. Defaults to false.
   */
  vpcCniPolicy?: boolean;
  /** Keeps stopped machines ready; not with spot, several types or a managed group. Defaults to none. */
  warmPool?: AwsWarmPool;
}
